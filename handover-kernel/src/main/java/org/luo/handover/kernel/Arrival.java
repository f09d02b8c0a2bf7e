// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.luo.Amount;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.handover.IncomingSide;
import org.luo.linux.Fds;
import org.luo.linux.Stat;
import org.luo.spi.FileIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel before has left, taken whole or not at all.
 *
 * <p>All files are taken out of the kernel's session at once, and it is finished as soon as they are served. See
 * docs/adr/0019: the kernel finishes a session as a whole, so a file that stayed in it would be bound to all others. Until
 * then a service manager holds it too, so that another process can begin anew (docs/adr/0025).
 */
final class Arrival {
    private static final Logger LOG = LoggerFactory.getLogger("luo.kernel");
    private static final double MILLIS = 1e6;

    private final KernelHandover handover;
    private final LiveUpdateKernel kernel;
    private final IncomingSide incoming;
    private final Deposit deposit;
    private int session = -1;

    Arrival(KernelHandover handover, IncomingSide incoming, Deposit deposit) {
        this.handover = handover;
        this.kernel = handover.kernel();
        this.incoming = incoming;
        this.deposit = deposit;
    }

    /** Whether there is anything. What can't be known is logged: nothing can be done about it from here. */
    boolean find() {
        try {
            session = kernel.retrieveSession(KernelSession.NAME);
            deposit.put(session);
            return true;
        } catch (LuoException e) {
            if (e.errno() == Errno.ENOENT) {
                LOG.info("nothing came over a kexec: {}", e.getMessage());
            } else {
                LOG.error("whatever came over a kexec stays there: {}", e.getMessage());
            }
            return false;
        }
    }

    /** Takes it, if it can be taken; otherwise it is kept. Then: {@link #finish}. */
    boolean take() {
        List<Integer> fds = new ArrayList<>();
        try {
            long start = System.nanoTime();
            Envelope envelope = envelope();
            Image image = new Image(envelope.image(), files(envelope.tokens(), fds), true);
            long taken = System.nanoTime();
            incoming.deserialize(image);
            long built = System.nanoTime();
            LOG.info(
                    "came over a kexec from Linux {} to {}: {}, image of {} bytes; taken from the kernel in"
                            + " {} ms, built in {} ms",
                    envelope.release(),
                    handover.machine().release(),
                    Amount.of(fds.size(), "open file"),
                    envelope.image().remaining(),
                    Math.round((taken - start) / MILLIS),
                    Math.round((built - taken) / MILLIS));
        } catch (LuoException e) {
            refuse(fds, e);
            return false;
        } catch (RuntimeException | Error e) {
            LOG.error("taking what came over a kexec failed", e);
            refuse(fds, LuoException.of(Errno.EIO, e.toString(), e));
            return false;
        }
        return true;
    }

    private void refuse(List<Integer> fds, LuoException why) {
        fds.forEach(Fds::close);
        handover.keep(new KernelHandover.Refused(session, why));
        LOG.error(
                "what came over a kexec is refused whole: {}; it is kept as fd {} of this process, let"
                        + " go of it: luo kexec discard",
                why.getMessage(),
                session);
    }

    private Envelope envelope() throws LuoException {
        int fd = kernel.retrieve(session, Envelope.TOKEN);
        try {
            return Envelope.read(fd);
        } finally {
            Fds.close(fd);
        }
    }

    /** @param fds where every fd is put that was taken */
    private List<OpenFile> files(long[] tokens, List<Integer> fds) throws LuoException {
        Map<Long, Integer> known = new HashMap<>();
        List<OpenFile> files = new ArrayList<>(tokens.length);
        for (long token : tokens) {
            Integer same = known.get(token);
            int fd = same == null ? kernel.retrieve(session, token) : Fds.duplicate(same);
            fds.add(fd);
            known.putIfAbsent(token, fd);
            Stat stat = Stat.of(fd);
            files.add(new OpenFile(fd, new FileIdentity(stat.device(), stat.inode())));
        }
        return List.copyOf(files);
    }

    /** What was taken is served, so the kernel lets go of it. */
    void finish() {
        deposit.remove();
        try {
            kernel.finish(session);
        } catch (LuoException e) {
            LOG.warn("the kernel goes on to hold what came over, so a second kexec may fail: {}", e.getMessage());
        }
        Fds.close(session);
    }
}

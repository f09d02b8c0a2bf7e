// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.luo.linux.UnixSocket.Type;
import org.luo.testkit.NoFdLeft;

@ExtendWith(NoFdLeft.class)
class KernelTest {
    private static final int GETTID = Platform.pick(186, 178);
    private static final int TGKILL = Platform.pick(234, 131);
    private static final int SIGWINCH = 28;

    private volatile long tid;

    @Test
    void aSignalDoesNotEndAWaitForAMessage() throws Exception {
        try (UnixSocket.Pair pair = UnixSocket.pair(Type.SEQPACKET)) {
            pair.one().setReceiveTimeout(10_000);
            FutureTask<Integer> waiting =
                    start(() -> pair.one().receive(new byte[1]).bytes());
            interrupt(20);
            assertThat(waiting.isDone()).isFalse();
            pair.other().send(new byte[1]);
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @Test
    void aSignalDoesNotProlongAPoll() throws Exception {
        try (EventFd quiet = EventFd.create()) {
            long start = System.nanoTime();
            FutureTask<Short> waiting = start(() -> Poll.await(quiet.fd(), Poll.POLLIN, 600));
            interrupt(100);
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo((short) 0);
            assertThat((System.nanoTime() - start) / 1_000_000).isBetween(600L, 1050L);
        }
    }

    @Test
    void everyThreadHasAnErrnoOfItsOwn() throws Exception {
        FutureTask<Boolean> failing = start(() -> {
            for (int i = 0; i < 100_000; i++) {
                if (Fds.isOpen(-1)) {
                    return false;
                }
            }
            return true;
        });
        for (int i = 0; i < 100_000; i++) {
            assertThat(Kernel.call(Nr.LSEEK, 0, 0, 99)).isIn(-22L, -29L, -9L);
        }
        assertThat(failing.get()).isTrue();
    }

    private <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(() -> {
            tid = Kernel.call(GETTID, 0, 0, 0);
            return call.call();
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** Sends the thread five signals that Java handles and that nobody minds. */
    private void interrupt(long apart) throws Exception {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        InvocationHandler nothing = (proxy, method, arguments) -> null;
        signal.getMethod("handle", signal, handler)
                .invoke(
                        null,
                        signal.getConstructor(String.class).newInstance("WINCH"),
                        Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {handler}, nothing));
        for (int i = 0; i < 5; i++) {
            Thread.sleep(apart);
            assertThat(Kernel.call(TGKILL, ProcessHandle.current().pid(), tid, SIGWINCH))
                    .isZero();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package org.luo.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.luo.Errno;
import org.luo.LuoException;

/**
 * What the kernel tells of devices, in files. Attributes may be missing, and are taken for hostile: whoever reads one
 * says what it must look like.
 *
 * @param root where sysfs is mounted
 * @see <a href="https://man7.org/linux/man-pages/man5/sysfs.5.html">sysfs(5)</a>
 */
public record Sysfs(Path root) {
    /** Where it is on every machine. */
    public static final Sysfs OF_THIS_MACHINE = new Sysfs(Path.of("/sys"));

    /** An attribute is at most a page. */
    private static final int MOST_BYTES = 4096;

    private static final int MOST_ENTRIES = 1 << 16;

    /** The major number in a device number, as fstat gives it. */
    public static int major(long device) {
        return (int) (device >>> 8 & 0xfff | device >>> 32 & ~0xfffL);
    }

    /** The minor number in a device number, as fstat gives it. */
    public static int minor(long device) {
        return (int) (device & 0xff | device >>> 12 & ~0xffL);
    }

    /**
     * Where a character device is described, a path below {@code /sys/devices}; empty if no device has this number, or
     * has it any more. One system call.
     *
     * @param device its number, {@link Stat#rdev()}
     * @throws LuoException EBADMSG if the link does not lead there
     */
    public Optional<Path> characterDevice(long device) throws LuoException {
        Path links = root.resolve("dev/char");
        Path link = links.resolve(major(device) + ":" + minor(device));
        try {
            Path target = links.resolve(Files.readSymbolicLink(link)).normalize();
            if (!target.startsWith(root.resolve("devices")) || target.getNameCount() < root.getNameCount() + 3) {
                throw garbled(link, target.toString());
            }
            return Optional.of(target);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "read the link " + link, e);
        }
    }

    /**
     * The text of an attribute, without the final newline; empty if there is no such attribute.
     *
     * @param form a regular expression that the text must match
     * @throws LuoException EBADMSG if it does not · EIO if it can't be read
     */
    public Optional<String> text(Path attribute, String form) throws LuoException {
        Optional<byte[]> bytes = bytes(attribute, MOST_BYTES);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        String text = new String(bytes.get(), StandardCharsets.ISO_8859_1).stripTrailing();
        if (!text.matches(form)) {
            throw garbled(attribute, text);
        }
        return Optional.of(text);
    }

    /**
     * As {@link #text}, of an attribute that every device of that kind has.
     *
     * @throws LuoException also ENODEV if there is no such attribute
     */
    public String required(Path attribute, String form) throws LuoException {
        return text(attribute, form)
                .orElseThrow(() -> LuoException.of(Errno.ENODEV, "read " + attribute + ": there is no such attribute"));
    }

    /**
     * The first bytes of an attribute; empty if there is no such attribute.
     *
     * @throws LuoException EIO if it can't be read
     */
    public Optional<byte[]> bytes(Path attribute, int most) throws LuoException {
        try (InputStream stream = Files.newInputStream(attribute)) {
            return Optional.of(stream.readNBytes(most));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "read " + attribute, e);
        }
    }

    /**
     * The last name of what a link leads to, as the kernel names drivers and groups; empty if there is no such link.
     *
     * @throws LuoException EBADMSG if it is no link
     */
    public Optional<String> linked(Path link) throws LuoException {
        try {
            return Optional.of(Files.readSymbolicLink(link).getFileName().toString());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw garbled(link, "no link");
        }
    }

    /**
     * The names in a directory, sorted; none if there is no such directory.
     *
     * @param form a regular expression that each name must match
     * @throws LuoException EBADMSG if one does not, or there are too many
     */
    public List<String> names(Path directory, String form) throws LuoException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : (Iterable<Path>) entries.limit(MOST_ENTRIES)::iterator) {
                String name = entry.getFileName().toString();
                if (!name.matches(form)) {
                    throw garbled(directory, name);
                }
                names.add(name);
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw LuoException.of(Errno.EIO, "list " + directory, e);
        }
        names.sort(null);
        return names;
    }

    private static LuoException garbled(Path what, String found) {
        String shown = found.length() > 60 ? found.substring(0, 60) + "…" : found;
        return LuoException.of(
                Errno.EBADMSG, what + " is not as the kernel writes it: '" + shown.replaceAll("\\p{Cntrl}", "?") + "'");
    }
}

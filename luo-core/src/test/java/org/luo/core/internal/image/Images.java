// SPDX-License-Identifier: Apache-2.0
package org.luo.core.internal.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.luo.Compatible;
import org.luo.LuoException;
import org.luo.SessionName;
import org.luo.Token;
import org.luo.core.internal.Carried;
import org.luo.core.internal.image.Contents.DoorRecord;
import org.luo.core.internal.image.Contents.FileRecord;
import org.luo.core.internal.image.Contents.FlbRecord;
import org.luo.core.internal.image.Contents.SessionRecord;
import org.luo.handover.Image;
import org.luo.handover.Image.OpenFile;
import org.luo.spi.FileIdentity;

/** Images, and what they say, for tests. */
final class Images {
    private Images() {}

    /** The bytes of {@code small.hex}. */
    static byte[] golden() throws IOException {
        try (InputStream in = Images.class.getResourceAsStream("small.hex")) {
            String text = new String(in.readAllBytes(), UTF_8);
            return HexFormat.of()
                    .parseHex(text.lines()
                            .filter(line -> !line.startsWith("#"))
                            .collect(Collectors.joining())
                            .replace(" ", ""));
        }
    }

    /** What {@code small.hex} says. */
    static Contents goldenContents() throws LuoException {
        List<OpenFile> fds = fds(3);
        SessionRecord vm1 = new SessionRecord(
                SessionName.of("vm1"),
                List.of(
                        new FileRecord(Compatible.of("memfd-v2"), Token.of(0), carried("abc", fds.subList(0, 1))),
                        new FileRecord(Compatible.of("vfio-v1"), Token.of(-1), carried("", List.of()))));
        SessionRecord bytes = new SessionRecord(SessionName.of(new byte[] {1, -1}), List.of());
        return new Contents(
                2,
                List.of(vm1, bytes),
                List.of(new FlbRecord(Compatible.of("hugetlb-v1"), carried("F", fds.subList(1, 2)), 2)),
                List.of(new DoorRecord(Compatible.of("device"), carried("", fds.subList(2, 3)))));
    }

    static Carried carried(String data, List<OpenFile> files) {
        return Carried.of(data.getBytes(UTF_8), files);
    }

    /** Fds 10, 11, and so on. */
    static List<OpenFile> fds(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new OpenFile(10 + i, new FileIdentity(1, 100 + i)))
                .toList();
    }

    static Image image(byte[] bytes, int fds) {
        return new Image(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), fds(fds));
    }

    static Image write(Contents contents) throws LuoException {
        return new ImageWriter(0, ImageWriter.MAX_BYTES).write(contents);
    }

    static byte[] bytes(Image image) {
        byte[] bytes = new byte[image.bytes().limit()];
        image.bytes().get(0, bytes);
        return bytes;
    }

    static byte[] withU64(byte[] bytes, int offset, long value) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(offset, value);
        return changed;
    }

    static byte[] withU32(byte[] bytes, int offset, int value) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return changed;
    }

    /** The same bytes with the checksum that belongs to them. */
    static byte[] withCrc(byte[] bytes) {
        byte[] changed = withU32(bytes, 12, 0);
        CRC32C crc = new CRC32C();
        crc.update(changed);
        return withU32(changed, 12, (int) crc.getValue());
    }
}

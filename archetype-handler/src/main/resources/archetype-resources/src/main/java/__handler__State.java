package ${package};

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.linux.Stat;

/**
 * What goes over of a file, beside the open file itself: enough to see that the right one came, and unchanged.
 *
 * <p>The layout {@code ${compatible}}, little-endian, 24 bytes: u64 device, u64 inode, u64 size in bytes. When it changes,
 * it gets another compatible string, and {@link ${handler}Handler} says in {@code reads()} that it reads this one too.
 *
 * @param device half of the file's identity
 * @param inode the other half
 * @param size in bytes
 */
record ${handler}State(long device, long inode, long size) {
    static final int BYTES = 24;

    static ${handler}State of(Stat stat) {
        return new ${handler}State(stat.device(), stat.inode(), stat.size());
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(device)
                .putLong(inode)
                .putLong(size)
                .array();
    }

    /**
     * Reads bytes that anybody may have written.
     *
     * @throws LuoException EBADMSG saying what is wrong
     */
    static ${handler}State decode(byte[] bytes) throws LuoException {
        if (bytes.length != BYTES) {
            throw malformed(bytes.length + " bytes, expected " + BYTES);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        ${handler}State state = new ${handler}State(buffer.getLong(), buffer.getLong(), buffer.getLong());
        if (state.size < 0) {
            throw malformed("size " + Long.toUnsignedString(state.size) + " is beyond any file");
        }
        return state;
    }

    static LuoException malformed(String problem) {
        return LuoException.of(Errno.EBADMSG, "${compatible} state: " + problem);
    }
}

package io.aitta.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;

/**
 * A checksum over each chunk of an H2 file. H2 writes all that one commit changed as one chunk, and recognises a whole
 * one by its first and its last block alone: a chunk whose middle was lost in a power cut passes for whole, and takes
 * the rows with it. The seal is a CRC-32C of the whole chunk, put into the blanks with which H2 fills up the chunk's
 * header (a map in text: {@code chunk:1a,block:2,len:3,...   \n}), where H2 itself skips it.
 *
 * <p>Stateless; buffers are read and written by absolute index, so positions never move.
 */
final class ChunkSeal {
    static final int BLOCK = 4096;
    /** What H2 reads to look at a chunk's header. */
    static final int HEADER_READ = 1024;

    private static final byte[] START = "chunk:".getBytes(StandardCharsets.ISO_8859_1);
    private static final String KEY = ",seal:";
    private static final int SEAL_LENGTH = KEY.length() + 8;

    private ChunkSeal() {}

    /** What the header of a chunk says: its version and its length in blocks. */
    record Header(int id, long version, int blocks) {}

    static boolean startsChunk(ByteBuffer buffer) {
        if (buffer.remaining() < START.length) {
            return false;
        }
        for (int i = 0; i < START.length; i++) {
            if (buffer.get(buffer.position() + i) != START[i]) {
                return false;
            }
        }
        return true;
    }

    /** The header at the buffer's position, or null if there is none that can be read. */
    static Header header(ByteBuffer buffer) {
        String text = headerText(buffer);
        if (text == null) {
            return null;
        }
        try {
            Map<String, String> map = parse(text);
            int blocks = Integer.parseInt(map.getOrDefault("len", "0"), 16);
            long version = Long.parseLong(map.getOrDefault("version", "0"), 16);
            int id = Integer.parseUnsignedInt(map.getOrDefault("chunk", "0"), 16);
            return blocks <= 0 ? null : new Header(id, version, blocks);
        } catch (NumberFormatException notAHeader) {
            return null;
        }
    }

    static boolean isSealed(ByteBuffer chunk) {
        String text = headerText(chunk);
        return text != null && text.contains(KEY);
    }

    /**
     * Seals a chunk that is about to be written.
     *
     * @throws IllegalStateException if its header has no room; H2 always leaves more than twice what is needed
     */
    static void seal(ByteBuffer chunk) {
        String text = headerText(chunk);
        int at = text == null ? -1 : text.stripTrailing().length();
        if (at < 0 || text.length() - at < SEAL_LENGTH) {
            throw new IllegalStateException("no room for a seal in the chunk header '" + text + "'");
        }
        put(chunk, at, KEY + String.format("%08x", checksum(chunk)));
    }

    /** Whether the buffer, from position to limit, is exactly one chunk as it was sealed. The buffer may be changed. */
    static boolean isWhole(ByteBuffer chunk) {
        String text = headerText(chunk);
        int at = text == null ? -1 : text.indexOf(KEY);
        if (at < 0 || text.length() < at + SEAL_LENGTH) {
            return false;
        }
        String sealed = text.substring(at + KEY.length(), at + SEAL_LENGTH);
        put(chunk, at, " ".repeat(SEAL_LENGTH));
        return sealed.equals(String.format("%08x", checksum(chunk)));
    }

    /**
     * The file's header as it would be had the file been left unclean just after the given chunk was written, so that
     * H2 starts from that chunk and looks at every other one.
     *
     * @return null if neither copy of the header can be read
     */
    static ByteBuffer fileHeaderNaming(byte[] twoBlocks, Header newest, long block) {
        Map<String, String> map = fileHeader(twoBlocks);
        if (map == null) {
            return null;
        }
        map.remove("clean");
        map.put("block", Long.toHexString(block));
        map.put("chunk", Integer.toHexString(newest.id()));
        map.put("version", Long.toHexString(newest.version()));
        StringBuilder text = new StringBuilder();
        map.forEach((key, value) ->
                text.append(text.isEmpty() ? "" : ",").append(key).append(':').append(value));
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        text.append(",fletcher:")
                .append(Integer.toHexString(DataUtils.getFletcher32(bytes, 0, bytes.length)))
                .append('\n');
        byte[] whole = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer header = ByteBuffer.allocate(2 * BLOCK);
        header.put(0, whole).put(BLOCK, whole);
        return header;
    }

    /** The newer of the two copies of the file's header; null if neither is whole. */
    static Map<String, String> fileHeader(byte[] twoBlocks) {
        Map<String, String> first = wholeFileHeader(Arrays.copyOfRange(twoBlocks, 0, BLOCK));
        Map<String, String> second = wholeFileHeader(Arrays.copyOfRange(twoBlocks, BLOCK, 2 * BLOCK));
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return versionOf(first) >= versionOf(second) ? first : second;
    }

    /** The version of the chunk that a file header names; 0 if it names none. */
    static long versionOf(Map<String, String> fileHeader) {
        return Long.parseLong(fileHeader.getOrDefault("version", "0"), 16);
    }

    private static Map<String, String> wholeFileHeader(byte[] block) {
        String text = new String(block, StandardCharsets.ISO_8859_1).trim();
        int fletcher = text.lastIndexOf(",fletcher:");
        if (fletcher < 0) {
            return null;
        }
        byte[] bytes = text.substring(0, fletcher).getBytes(StandardCharsets.ISO_8859_1);
        String expected = Integer.toHexString(DataUtils.getFletcher32(bytes, 0, bytes.length));
        return text.substring(fletcher + 10).equals(expected) ? parse(text.substring(0, fletcher)) : null;
    }

    private static Map<String, String> parse(String text) {
        Map<String, String> map = new HashMap<>();
        for (String entry : text.trim().split(",")) {
            int colon = entry.indexOf(':');
            if (colon > 0) {
                map.put(entry.substring(0, colon), entry.substring(colon + 1));
            }
        }
        return map;
    }

    private static String headerText(ByteBuffer buffer) {
        if (!startsChunk(buffer)) {
            return null;
        }
        int end = Math.min(HEADER_READ, buffer.remaining());
        StringBuilder text = new StringBuilder(200);
        for (int i = 0; i < end; i++) {
            byte b = buffer.get(buffer.position() + i);
            if (b == '\n') {
                return text.toString();
            }
            text.append((char) (b & 0xff));
        }
        return null;
    }

    private static int checksum(ByteBuffer chunk) {
        CRC32C crc = new CRC32C();
        crc.update(chunk.duplicate());
        return (int) crc.getValue();
    }

    private static void put(ByteBuffer chunk, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            chunk.put(chunk.position() + at + i, (byte) text.charAt(i));
        }
    }
}

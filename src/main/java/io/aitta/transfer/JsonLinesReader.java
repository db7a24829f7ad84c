package io.aitta.transfer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/** One JSON object on each line; blank lines are left out, and fields of other names. */
final class JsonLinesReader implements RowReader {
    /** Of a line: more than the largest value in base64. A longer one would be read no further than to memory's end. */
    private static final int MOST_CHARACTERS = 64 << 20;

    private final BufferedReader in;
    private final StringBuilder text = new StringBuilder();
    private long line;

    JsonLinesReader(InputStream in) {
        this.in = RowFormat.utf8(in);
    }

    @Override
    public Row next() throws IOException {
        do {
            if (!readLine()) {
                return null;
            }
            line++;
        } while (text.toString().isBlank());
        return parse(text.toString());
    }

    /** Ends with newlines only: other ends of lines may stand in JSON. */
    private boolean readLine() throws IOException {
        text.setLength(0);
        int c = in.read();
        if (c < 0) {
            return false;
        }
        for (; c >= 0 && c != '\n'; c = in.read()) {
            if (text.length() == MOST_CHARACTERS) {
                throw new IOException("a line has more than " + MOST_CHARACTERS + " characters");
            }
            text.append((char) c);
        }
        return true;
    }

    private static Row parse(String text) throws IOException {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser json = RowFormat.JSON_FACTORY.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new Row.BadRow("not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken token = json.nextToken();
                json.skipChildren();
                if (RowFormat.COLUMNS.contains(name) && token != JsonToken.VALUE_NULL) {
                    boolean right = name.equals(RowFormat.REMAINING)
                            ? token == JsonToken.VALUE_NUMBER_INT
                            : token == JsonToken.VALUE_STRING;
                    if (!right) {
                        throw new Row.BadRow("field " + name + " is of the wrong type");
                    }
                    fields.put(name, json.getText());
                }
            }
            if (json.nextToken() != null) {
                throw new Row.BadRow("something follows after the JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new Row.BadRow("not JSON: " + e.getOriginalMessage());
        }
        return Row.of(
                fields.get(RowFormat.KEY),
                fields.get(RowFormat.KEY_ENCODING),
                fields.get(RowFormat.VALUE),
                fields.get(RowFormat.ENCODING),
                fields.get(RowFormat.REMAINING));
    }

    @Override
    public long line() {
        return line;
    }
}

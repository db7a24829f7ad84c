package io.aitta.transfer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How rows stand in a file, in UTF-8. Bytes that are not UTF-8 are in base64, which a field of its own says.
 *
 * <pre>
 * {"key":"a","value":"1","encoding":"utf-8"}
 * {"key":"/w==","key_encoding":"base64","value":"","encoding":"utf-8","remaining_millis":60000}
 * </pre>
 */
public enum RowFormat {
    /** One JSON object on each line. */
    JSONL {
        @Override
        byte[] header() {
            return new byte[0];
        }

        @Override
        void write(Row row, ByteArrayOutputStream out) throws IOException {
            try (JsonGenerator json = JSON_FACTORY.createGenerator(out)) {
                json.writeStartObject();
                json.writeStringField(KEY, Row.encode(row.key()));
                if (!row.key().isValidUtf8()) {
                    json.writeStringField(KEY_ENCODING, Row.BASE64);
                }
                json.writeStringField(VALUE, Row.encode(row.value()));
                json.writeStringField(ENCODING, Row.encodingOf(row.value()));
                if (row.remainingMillis().isPresent()) {
                    json.writeNumberField(REMAINING, row.remainingMillis().getAsLong());
                }
                json.writeEndObject();
            }
            out.write('\n');
        }

        @Override
        RowReader read(InputStream in) {
            return new JsonLinesReader(in);
        }
    },

    /** Comma-separated, as RFC 4180 has it, with a line of names first; lines end with a newline alone. */
    CSV {
        @Override
        byte[] header() {
            return (String.join(",", COLUMNS) + "\n").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        void write(Row row, ByteArrayOutputStream out) throws IOException {
            try (CsvGenerator csv = CSV_FACTORY.createGenerator(out)) {
                csv.setSchema(CSV_SCHEMA);
                csv.writeStartArray();
                csv.writeString(Row.encode(row.key()));
                csv.writeString(Row.encodingOf(row.key()));
                csv.writeString(Row.encode(row.value()));
                csv.writeString(Row.encodingOf(row.value()));
                csv.writeString(
                        row.remainingMillis().isPresent()
                                ? Long.toString(row.remainingMillis().getAsLong())
                                : "");
                csv.writeEndArray();
            }
        }

        @Override
        RowReader read(InputStream in) throws IOException {
            return new CsvReader(in);
        }
    };

    static final String KEY = "key";
    static final String KEY_ENCODING = "key_encoding";
    static final String VALUE = "value";
    static final String ENCODING = "encoding";
    static final String REMAINING = "remaining_millis";
    static final List<String> COLUMNS = List.of(KEY, KEY_ENCODING, VALUE, ENCODING, REMAINING);

    static final JsonFactory JSON_FACTORY = JsonFactory.builder()
            .configure(StreamWriteFeature.AUTO_CLOSE_TARGET, false)
            .build();
    /** Everything is quoted: the library would leave a carriage return at the beginning bare, and lose it when reading. */
    static final CsvFactory CSV_FACTORY = CsvFactory.builder()
            .configure(StreamWriteFeature.AUTO_CLOSE_TARGET, false)
            .configure(CsvGenerator.Feature.ALWAYS_QUOTE_STRINGS, true)
            .build();

    static final CsvSchema CSV_SCHEMA = CsvSchema.builder()
            .addColumns(COLUMNS, CsvSchema.ColumnType.STRING)
            .build()
            .withLineSeparator("\n");

    /** What a file begins with. */
    abstract byte[] header();

    /** Adds a row, with its line's end. */
    abstract void write(Row row, ByteArrayOutputStream out) throws IOException;

    abstract RowReader read(InputStream in) throws IOException;

    /** The one of this name: {@code jsonl} or {@code csv}. */
    public static Optional<RowFormat> named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.word().equalsIgnoreCase(name))
                .findFirst();
    }

    /** The one that a file's name ends with: {@code .jsonl}, {@code .ndjson}, {@code .json} or {@code .csv}. */
    public static Optional<RowFormat> ofFile(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            return Optional.of(CSV);
        }
        return name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".json")
                ? Optional.of(JSONL)
                : Optional.empty();
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What is not UTF-8 is an error: replaced by question marks it would be other data. */
    static BufferedReader utf8(InputStream in) {
        return new BufferedReader(new InputStreamReader(
                in,
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
    }
}

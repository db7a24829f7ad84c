package io.aitta.transfer;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Comma-separated rows; the first line names the columns, in any order: key and value at least. */
final class CsvReader implements RowReader {
    private final CsvParser csv;
    private final List<String> columns;
    private long line;

    CsvReader(InputStream in) throws IOException {
        csv = RowFormat.CSV_FACTORY.createParser(RowFormat.utf8(in));
        csv.setSchema(CsvSchema.emptySchema());
        csv.enable(CsvParser.Feature.WRAP_AS_ARRAY);
        csv.nextToken();
        columns = fields();
        if (columns == null) {
            return;
        }
        for (String column : columns) {
            if (!RowFormat.COLUMNS.contains(column)) {
                throw new IOException("the first line names the columns " + String.join(",", RowFormat.COLUMNS)
                        + ", or some of them; not '" + column + "'");
            }
        }
        if (new HashSet<>(columns).size() < columns.size()
                || !columns.containsAll(List.of(RowFormat.KEY, RowFormat.VALUE))) {
            throw new IOException("the first line names key and value at least, each once");
        }
    }

    @Override
    public Row next() throws IOException {
        if (columns == null) {
            return null;
        }
        List<String> fields = fields();
        if (fields == null) {
            return null;
        }
        if (fields.size() != columns.size()) {
            throw new Row.BadRow("there are " + columns.size() + " columns, but this row has " + fields.size());
        }
        return Row.of(
                field(fields, RowFormat.KEY),
                field(fields, RowFormat.KEY_ENCODING),
                field(fields, RowFormat.VALUE),
                field(fields, RowFormat.ENCODING),
                field(fields, RowFormat.REMAINING));
    }

    private String field(List<String> fields, String column) {
        int at = columns.indexOf(column);
        return at < 0 ? null : fields.get(at);
    }

    /** Of the next row that is not blank; null at the end. */
    private List<String> fields() throws IOException {
        var fields = new ArrayList<String>();
        do {
            fields.clear();
            if (csv.nextToken() != JsonToken.START_ARRAY) {
                return null;
            }
            while (csv.nextToken() != JsonToken.END_ARRAY) {
                if (fields.isEmpty()) {
                    line = csv.currentTokenLocation().getLineNr();
                }
                if (fields.size() > RowFormat.COLUMNS.size()) {
                    continue; // one too many is enough to be refused
                }
                fields.add(csv.getText());
            }
        } while (fields.isEmpty() || fields.size() == 1 && fields.get(0).isEmpty());
        return fields;
    }

    @Override
    public long line() {
        return line;
    }
}

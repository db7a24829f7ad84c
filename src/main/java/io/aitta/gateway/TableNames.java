package io.aitta.gateway;

import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a table may be called. Names that begin with '_' are the system's. */
final class TableNames {
    private static final int TABLES_SHOWN = 5;
    private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern SYSTEM = Pattern.compile("_[A-Za-z0-9._-]{1,63}");

    private TableNames() {}

    static boolean isLegal(String name) {
        return LEGAL.matcher(name).matches();
    }

    static boolean isSystem(String name) {
        return SYSTEM.matcher(name).matches();
    }

    /** Of a name that no table has: because there is none, or because none could. */
    static ProblemException unknown(String name, Topology topology) {
        if (!isLegal(name) && !isSystem(name)) {
            return illegal(name);
        }
        int count = topology.getTablesCount();
        String some = topology.getTablesList().stream()
                .map(Table::getName)
                .sorted()
                .limit(TABLES_SHOWN)
                .collect(Collectors.joining(", "));
        String hint = count == 0
                ? "this node knows of no tables yet"
                : "there are: " + some + (count > TABLES_SHOWN ? ", ... (" + count + ")" : "");
        return Problem.of(ErrorReason.TABLE_NOT_FOUND, "there is no table '" + name + "'; " + hint)
                .with("table", name)
                .asException();
    }

    static ProblemException illegal(String name) {
        String named = name.isEmpty() ? "no table is named" : "'" + Text.shortened(name) + "' is no table name";
        return Problem.inField(
                        ErrorReason.BAD_TABLE_NAME,
                        "table",
                        named
                                + "; one is 1 to 64 letters, digits, '-', '_' and '.', beginning with a letter or a digit")
                .asException();
    }

    static ProblemException isProtected(String name) {
        return Problem.inField(
                        ErrorReason.TABLE_PROTECTED,
                        "table",
                        "'" + name + "' is the system's own and cannot be changed")
                .asException();
    }
}

package io.aitta.sim;

import io.aitta.core.replication.Command;
import io.aitta.history.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The operations of all clients of a world; an entry holds only the number of its operation, and some ballast. */
final class Operations {
    private final List<Operation> all = new ArrayList<>();

    byte[] add(Operation operation, int ballast) {
        all.add(operation);
        return ByteBuffer.allocate(4 + ballast).putInt(all.size() - 1).array();
    }

    Operation get(Command.Data data) {
        return all.get(number(data));
    }

    static int number(Command.Data data) {
        return ByteBuffer.wrap(data.batch()).getInt();
    }

    /** Whether two commands are one and the same. */
    static boolean same(Command a, Command b) {
        return a instanceof Command.Data x && b instanceof Command.Data y ? number(x) == number(y) : a.equals(b);
    }

    static String describe(Command command) {
        return command instanceof Command.Data data ? "op" + number(data) : command.toString();
    }
}

package io.aitta.cli;

import io.aitta.client.Condition;
import java.util.ArrayList;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What must hold for a key to be written or removed. */
final class ConditionMixin {
    @Option(names = "--if-absent", description = "Only if the key has no value.")
    private boolean absent;

    @Option(names = "--if-present", description = "Only if the key has a value.")
    private boolean present;

    @Option(
            names = "--if-version",
            paramLabel = "N",
            description = "Only if the key has this version, as 'get -o json' shows it; 0: no value.")
    private Long version;

    @Option(names = "--if-value", paramLabel = "V", description = "Only if the key has this value, as UTF-8.")
    private String value;

    @Option(names = "--previous", description = "Print what the key held before, too.")
    private boolean previous;

    /** Empty: none was given. */
    Optional<Condition> condition() {
        var given = new ArrayList<String>();
        Condition condition = null;
        if (absent) {
            given.add("--if-absent");
            condition = Condition.absent();
        }
        if (present) {
            given.add("--if-present");
            condition = Condition.present();
        }
        if (version != null) {
            given.add("--if-version");
            condition = version(version);
        }
        if (value != null) {
            given.add("--if-value");
            condition = Condition.hasValue(Values.utf8(value));
        }
        if (given.size() > 1) {
            throw CommandFailed.badInput("give one condition, not both " + given.get(0) + " and " + given.get(1)
                    + "; 'aitta txn' takes several");
        }
        return Optional.ofNullable(condition);
    }

    /** Also for conditions that are written otherwise. */
    static Condition version(long version) {
        if (version < 0) {
            throw CommandFailed.badInput("a version is 0 (no value) or more, not " + version);
        }
        return Condition.hasVersion(version);
    }

    boolean wantsPrevious() {
        return previous;
    }

    /** Says that the condition did not hold, and why. */
    static int complain(ClusterCommand command, String key, long version) {
        String state = version == 0 ? "has no value" : "has version " + version;
        command.complain("the condition does not hold, nothing happened: key " + Values.quoted(key) + " " + state);
        return ExitStatus.NOT_FOUND;
    }
}

package io.aitta.core.replication;

/** What an entry does when it is applied. */
public sealed interface Command {
    /** Nothing: the first entry of a new primary, by which entries of earlier terms become committed. */
    record Noop() implements Command {}

    /**
     * Writes of clients. The protocol never looks inside.
     *
     * @param batch not to be changed
     */
    record Data(byte[] batch) implements Command {}

    /** The group consists of {@code membership} from the moment this entry is in a replica's log, committed or not. */
    record ChangeMembership(Membership membership) implements Command {}

    Noop NOOP = new Noop();

    /** About how many bytes it takes on disk and on the wire. */
    default int size() {
        return this instanceof Data data ? data.batch().length + 32 : 64;
    }
}

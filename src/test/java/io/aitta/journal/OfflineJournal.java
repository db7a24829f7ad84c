package io.aitta.journal;

import java.nio.file.Path;
import java.util.Set;

/** The journal of a node that is not running, for tests of other packages. */
public final class OfflineJournal {
    private OfflineJournal() {}

    /** Every persistence id of which there is anything. */
    public static Set<String> persistenceIds(Path directory) {
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            return journal.numbers().persistenceIds();
        }
    }
}

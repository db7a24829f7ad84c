package io.aitta.journal;

import java.io.IOException;

/** Something that was forced to the journal's file is no longer there as it was written. */
final class DamagedJournalFileException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedJournalFileException(String message) {
        super(message);
    }
}

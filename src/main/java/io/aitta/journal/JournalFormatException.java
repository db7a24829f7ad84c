package io.aitta.journal;

/** What stands in the journal, or came from a peer, is not what this release writes. */
public final class JournalFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalFormatException(String message) {
        super(message);
    }
}

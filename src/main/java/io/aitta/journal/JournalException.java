package io.aitta.journal;

/**
 * The journal cannot do what was asked: its file is damaged or in use, its disk or database fails, or its queue is full.
 * The message says what is wrong and what would help. A write that ends with it may or may not be in the journal.
 */
public final class JournalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalException(String message, Throwable cause) {
        super(message, cause);
    }

    public JournalException(String message) {
        super(message);
    }
}

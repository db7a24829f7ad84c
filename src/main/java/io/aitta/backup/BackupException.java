package io.aitta.backup;

/** What was asked cannot be done with these backups, or with this cluster; the message is one sentence for the user. */
public class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackupException(String sentence) {
        super(sentence);
    }

    BackupException(String sentence, Throwable cause) {
        super(sentence, cause);
    }

    /** A file is not what it was when it was written, or is gone; the message names it. */
    public static final class Damaged extends BackupException {
        private static final long serialVersionUID = 1L;

        Damaged(String sentence) {
            super(sentence);
        }

        Damaged(String sentence, Throwable cause) {
            super(sentence, cause);
        }
    }
}

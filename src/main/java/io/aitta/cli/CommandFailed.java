package io.aitta.cli;

/** Ends a command with an exit status and one sentence for the user: what was wrong and what would be right. */
final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    CommandFailed(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    static CommandFailed badInput(String sentence) {
        return new CommandFailed(ExitStatus.BAD_INPUT, sentence);
    }

    int status() {
        return status;
    }
}

package io.aitta.cli;

import io.aitta.client.AittaException;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;

/** The exit statuses of all commands. A higher one is worse; of many results the worst counts. */
final class ExitStatus {
    static final int DONE = 0;
    static final int NOT_FOUND = 1;
    static final int BAD_INPUT = 2;
    static final int REFUSED_OR_UNAVAILABLE = 3;
    static final int OUTCOME_UNKNOWN = 4;

    /** Of what Ctrl-C has ended, as shells have it. */
    static final int INTERRUPTED = 130;

    private ExitStatus() {}

    static int of(AittaException failure) {
        if (failure instanceof OutcomeUnknown) {
            return OUTCOME_UNKNOWN;
        }
        return failure instanceof Refused refused && refused.kind() == Refused.Kind.BAD_INPUT
                ? BAD_INPUT
                : REFUSED_OR_UNAVAILABLE;
    }
}

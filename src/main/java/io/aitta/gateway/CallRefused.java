package io.aitta.gateway;

import com.google.rpc.Code;
import java.util.Optional;

/**
 * Why a call was not answered, in the words of the API, for doors that speak something else than gRPC. Without a stack
 * trace: it is an answer, not a fault.
 */
public final class CallRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    CallRefused(Problem problem) {
        super(problem.message(), null, false, false);
        this.problem = problem;
    }

    public Code code() {
        return problem.code();
    }

    /** Stable, for programs. */
    public String reason() {
        return problem.reason();
    }

    /** What in the request is wrong, if it is the request. */
    public Optional<String> field() {
        return problem.field();
    }

    /** After how long a later try is sensible; 0: not by itself. */
    public int retryMillis() {
        return problem.retryMillis();
    }

    /** What the gateway's own classes throw, for others; anything else as it is. */
    static Throwable of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException refused) {
                return new CallRefused(refused.problem());
            }
        }
        return failure;
    }
}

package io.aitta.gateway;

/** Carries a {@link Problem} to the place that answers it. Without a stack trace: it is an answer, not a fault. */
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.reason() + ": " + problem.message(), null, false, false);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}

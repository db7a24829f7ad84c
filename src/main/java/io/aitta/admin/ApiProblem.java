package io.aitta.admin;

import com.google.rpc.Code;
import io.aitta.proto.v1.ApiError;

/**
 * What the HTTP port answers instead of what was asked for: a status, and a body that says why. Without a stack trace: it
 * is an answer, not a fault.
 */
public final class ApiProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final ApiError error;

    private ApiProblem(int status, ApiError error) {
        super(error.getMessage(), null, false, false);
        this.status = status;
        this.error = error;
    }

    /** @param reason stable, for programs */
    public static ApiProblem of(Code code, String reason, String message) {
        return new ApiProblem(status(code), error(code, reason, message).build());
    }

    /** @param field what in the request is wrong */
    public static ApiProblem inField(Code code, String reason, String field, String message) {
        return new ApiProblem(
                status(code), error(code, reason, message).setField(field).build());
    }

    /** For what has no code of gRPC's with this status. */
    static ApiProblem withStatus(int status, Code code, String reason, String message) {
        return new ApiProblem(status, error(code, reason, message).build());
    }

    /** @param millis after how long a later try is sensible */
    public ApiProblem retriedAfter(int millis) {
        return new ApiProblem(status, error.toBuilder().setRetryMillis(millis).build());
    }

    private static ApiError.Builder error(Code code, String reason, String message) {
        return ApiError.newBuilder().setCode(code.name()).setReason(reason).setMessage(message);
    }

    int status() {
        return status;
    }

    ApiError error() {
        return error;
    }

    /** As google.rpc.Code says it for each, but for what does not fit the state of things: that is 409, not 400. */
    private static int status(Code code) {
        return switch (code) {
            case OK -> 200;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case CANCELLED -> 499;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
            default -> 500;
        };
    }
}

package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A call that was refused, read as a client reads it. */
record Refusals(StatusRuntimeException failure) {
    static Refusals refused(ThrowingCallable call) {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure).as("the call was not refused").isNotNull();
        return new Refusals(failure);
    }

    Refusals with(Status.Code code, String reason) {
        assertThat(failure.getStatus().getCode()).as(failure.getMessage()).isEqualTo(code);
        ErrorInfo info = OpenDoor.detail(failure, ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo(reason);
        assertThat(info.getDomain()).isEqualTo("aitta.io");
        return this;
    }

    Refusals saying(String... parts) {
        assertThat(failure.getStatus().getDescription()).contains(parts);
        return this;
    }

    Refusals blaming(String field) {
        BadRequest bad = OpenDoor.detail(failure, BadRequest.class);
        assertThat(bad.getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly(field);
        return this;
    }

    Refusals toBeRetried() {
        RetryInfo retry = OpenDoor.detail(failure, RetryInfo.class);
        assertThat(retry.getRetryDelay().getSeconds() + retry.getRetryDelay().getNanos())
                .isPositive();
        return this;
    }
}

package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aitta.security.AccessDenied.Reason;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TokenAccessTest {
    private final String old = Tokens.create();
    private final String young = Tokens.create();
    private final TokenAccess access = new TokenAccess(file("app " + Tokens.hashed(old) + " read-write:mine"));

    @Test
    void who_presents_a_token_may_what_its_line_says() {
        var caller = access.caller("Bearer " + old);
        assertThat(caller.name()).isEqualTo("app");
        assertThatCode(() -> caller.require(Role.READ_WRITE, "mine")).doesNotThrowAnyException();
        assertThat(denied(() -> caller.require(Role.READ_ONLY, "other")))
                .isEqualTo("PERMISSION_DENIED: the token of 'app' lacks the role 'read-only' for the table 'other'");
        assertThat(denied(() -> caller.requireEverywhere(Role.ADMIN)))
                .isEqualTo("PERMISSION_DENIED: the token of 'app' lacks the role 'admin' for all tables");
    }

    @Test
    void no_token_and_an_unknown_one_are_told_apart_and_neither_is_repeated() {
        assertThat(denied(() -> access.caller(null))).startsWith(Reason.NO_TOKEN + ": ");
        assertThat(denied(() -> access.caller("Basic " + old)))
                .startsWith(Reason.NO_TOKEN + ": ")
                .doesNotContain(old);
        assertThat(denied(() -> access.caller("Bearer " + young)))
                .startsWith(Reason.UNKNOWN_TOKEN + ": ")
                .doesNotContain(young);
        assertThat(denied(() -> access.caller("Bearer " + "x".repeat(100_000))))
                .startsWith(Reason.UNKNOWN_TOKEN + ": ");
    }

    @Test
    void a_token_that_is_taken_back_is_worth_nothing_to_those_who_are_inside() {
        var caller = access.caller("bearer " + old);
        access.replace(file("app " + Tokens.hashed(young) + " read-write:mine"));
        assertThat(denied(() -> caller.require(Role.READ_WRITE, "mine"))).startsWith(Reason.UNKNOWN_TOKEN + ": ");
        assertThat(denied(caller::requireKnown)).startsWith(Reason.UNKNOWN_TOKEN + ": ");
        assertThatCode(() -> access.caller("Bearer " + young)).doesNotThrowAnyException();
    }

    @Test
    void a_role_that_is_changed_is_changed_for_those_who_are_inside() {
        var caller = access.caller("Bearer " + old);
        access.replace(file("app " + Tokens.hashed(old) + " read-only:mine"));
        assertThatCode(() -> caller.require(Role.READ_ONLY, "mine")).doesNotThrowAnyException();
        assertThat(denied(() -> caller.require(Role.READ_WRITE, "mine"))).startsWith(Reason.PERMISSION_DENIED + ": ");
    }

    private static TokenFile file(String... lines) {
        return TokenFile.parse(List.of(lines), "tokens");
    }

    private static String denied(ThrowingCallable question) {
        AccessDenied denied = catchThrowableOfType(AccessDenied.class, question);
        assertThat(denied).isNotNull();
        return denied.reason() + ": " + denied.getMessage();
    }
}

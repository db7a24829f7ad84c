package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.admin.HttpGuard.Need;
import io.aitta.admin.HttpGuard.Refusal;
import io.aitta.admin.HttpGuard.Wanted;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.apache.pekko.http.javadsl.model.headers.Host;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackGuardTest {
    private final HttpGuard guard = new LoopbackGuard("node1.lan");

    @ParameterizedTest
    @EnumSource(Need.class)
    void who_is_on_this_machine_may_do_everything(Need need) {
        assertThat(refusal("127.0.0.1", "127.0.0.1", need)).isEmpty();
        assertThat(refusal("127.3.2.1", "127.3.2.1", need)).isEmpty();
        assertThat(refusal("::1", "[::1]", need)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Need.class)
    void all_others_may_ask_for_health(Need need) {
        assertThat(refusal("10.0.0.7", "10.0.0.1", need).map(Refusal::reason))
                .isEqualTo(need == Need.NOTHING ? Optional.empty() : Optional.of("NOT_ON_LOOPBACK"));
    }

    @Test
    void who_cannot_be_told_is_not_on_this_machine() {
        var request = HttpRequest.create("/metrics").addHeader(Host.create("127.0.0.1"));
        assertThat(guard.judge(request, wanted(Need.READ)).refusal()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "node1.lan", "127.0.0.1", "[::1]", ""})
    void names_that_are_ours_are_taken(String host) {
        assertThat(refusal("127.0.0.1", host, Need.CHANGE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "a1"})
    void a_page_of_another_name_that_was_made_to_lead_here_is_refused(String host) {
        assertThat(refusal("127.0.0.1", host, Need.READ).map(Refusal::reason)).contains("STRANGE_HOST");
    }

    private Optional<Refusal> refusal(String caller, String host, Need need) {
        var request = HttpRequest.create("/somewhere")
                .addHeader(Host.create(host))
                .addAttribute(AttributeKeys.remoteAddress, RemoteAddress.create(new InetSocketAddress(caller, 40_000)));
        return guard.judge(request, wanted(need)).refusal();
    }

    private static Wanted wanted(Need need) {
        return new Wanted(need, "something", Optional.empty());
    }
}

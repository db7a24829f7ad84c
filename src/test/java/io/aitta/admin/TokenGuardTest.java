package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.admin.HttpGuard.Need;
import io.aitta.admin.HttpGuard.Refusal;
import io.aitta.admin.HttpGuard.Wanted;
import io.aitta.security.TokenAccess;
import io.aitta.security.TokenFile;
import io.aitta.security.Tokens;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.apache.pekko.http.javadsl.model.headers.Host;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenGuardTest {
    private static final String HERE = "127.0.0.1";
    private static final String ELSEWHERE = "10.0.0.7";

    private final String admin = Tokens.create();
    private final String reader = Tokens.create();
    private final String owner = Tokens.create();
    private HttpGuard guard;

    @BeforeEach
    void makeGuard(@TempDir Path dir) throws Exception {
        var file = Files.write(
                dir.resolve("tokens"),
                List.of(
                        TokenFile.line("ops", admin, TokenFile.grants("admin")),
                        TokenFile.line("reader", reader, TokenFile.grants("read-only:mine")),
                        TokenFile.line("owner", owner, TokenFile.grants("admin:mine"))));
        guard = new TokenGuard(new TokenAccess(TokenFile.read(file)), HERE);
    }

    @Test
    void health_is_for_everyone() {
        assertThat(refusal(ELSEWHERE, null, Need.NOTHING, null)).isEmpty();
    }

    @Test
    void looking_is_open_on_this_machine_and_needs_a_token_elsewhere() {
        assertThat(refusal(HERE, null, Need.READ, null)).isEmpty();
        assertThat(refusal(ELSEWHERE, null, Need.READ, null)).contains("401 NO_TOKEN");
        assertThat(refusal(ELSEWHERE, "Bearer " + Tokens.create(), Need.READ, null))
                .contains("401 UNKNOWN_TOKEN");
        assertThat(refusal(ELSEWHERE, "Bearer " + reader, Need.READ, null)).isEmpty();
        assertThat(refusal(ELSEWHERE, "Bearer " + reader, Need.READ, "other")).contains("403 PERMISSION_DENIED");
    }

    @Test
    void changing_needs_an_administrator_on_this_machine_too() {
        assertThat(refusal(HERE, null, Need.CHANGE, null)).contains("401 NO_TOKEN");
        assertThat(refusal(HERE, "Bearer " + reader, Need.CHANGE, "mine")).contains("403 PERMISSION_DENIED");
        assertThat(refusal(HERE, "Bearer " + admin, Need.CHANGE, null)).isEmpty();
    }

    @Test
    void what_only_administrators_see_needs_one_of_all_tables_on_this_machine_too() {
        for (String from : List.of(HERE, ELSEWHERE)) {
            assertThat(refusal(from, null, Need.READ_AS_ADMIN, null)).contains("401 NO_TOKEN");
            assertThat(refusal(from, "Bearer " + reader, Need.READ_AS_ADMIN, null))
                    .contains("403 PERMISSION_DENIED");
            assertThat(refusal(from, "Bearer " + owner, Need.READ_AS_ADMIN, "mine"))
                    .contains("403 PERMISSION_DENIED");
            assertThat(refusal(from, "Bearer " + admin, Need.READ_AS_ADMIN, null))
                    .isEmpty();
        }
    }

    @Test
    void keys_are_for_readers_of_their_table_on_this_machine_too() {
        assertThat(refusal(HERE, null, Need.READ_DATA, "mine")).contains("401 NO_TOKEN");
        assertThat(refusal(HERE, "Bearer " + reader, Need.READ_DATA, "mine")).isEmpty();
        assertThat(refusal(HERE, "Bearer " + reader, Need.READ_DATA, "other")).contains("403 PERMISSION_DENIED");
        assertThat(refusal(HERE, "Bearer " + reader, Need.READ_DATA, null)).contains("403 PERMISSION_DENIED");
    }

    @Test
    void a_browser_sends_the_token_as_a_password() {
        assertThat(refusal(ELSEWHERE, basic("anyone:" + admin), Need.CHANGE, null))
                .isEmpty();
        assertThat(refusal(ELSEWHERE, basic("anyone:wrong"), Need.READ, null)).contains("401 UNKNOWN_TOKEN");
        assertThat(refusal(ELSEWHERE, "Basic %%%", Need.READ, null)).contains("401 NO_TOKEN");
    }

    private static String basic(String userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes());
    }

    private Optional<String> refusal(String caller, String authorization, Need need, String table) {
        var request = HttpRequest.create("/somewhere")
                .addHeader(Host.create(HERE))
                .addAttribute(AttributeKeys.remoteAddress, RemoteAddress.create(new InetSocketAddress(caller, 40_000)));
        if (authorization != null) {
            request = request.addHeader(RawHeader.create("Authorization", authorization));
        }
        return guard.judge(request, new Wanted(need, "Something", Optional.ofNullable(table)))
                .refusal()
                .map(TokenGuardTest::inShort);
    }

    private static String inShort(Refusal refusal) {
        return refusal.status() + " " + refusal.reason();
    }
}

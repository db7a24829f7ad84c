package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DashboardRoutesTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static ActorSystem system;
    private static ServerBinding binding;

    @BeforeAll
    static void open() {
        system = ActorSystem.create(
                "dashboard",
                ConfigFactory.parseString("pekko.loglevel = WARNING\npekko.actor.provider = local")
                        .withFallback(ConfigFactory.load()));
        binding = Http.get(system)
                .newServerAt("127.0.0.1", 0)
                .bind(DashboardRoutes.create())
                .toCompletableFuture()
                .join();
    }

    @AfterAll
    static void close() throws Exception {
        binding.terminate(Duration.ofMillis(200)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=UTF-8",
        "/dashboard/style.css, text/css; charset=UTF-8",
        "/dashboard/app.js, application/javascript; charset=UTF-8",
        "/dashboard/icon.svg, image/svg+xml"
    })
    void eachPartIsServedAsWhatItIs(String path, String type) throws Exception {
        var answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue(type);
        assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(answer.body()).isNotEmpty();
    }

    @Test
    void theBrowserMayRunAndLoadOnlyWhatComesFromHere() throws Exception {
        var policy = get("/").headers().firstValue("content-security-policy").orElseThrow();
        assertThat(policy.split("; "))
                .contains(
                        "default-src 'none'",
                        "script-src 'self'",
                        "connect-src 'self'",
                        "frame-ancestors 'none'",
                        "require-trusted-types-for 'script'");
        assertThat(policy).doesNotContain("unsafe", "*", "http");
    }

    @Test
    void whoHasAPartAlreadyIsNotSentItAgain() throws Exception {
        var first = get("/dashboard/app.js");
        var tag = first.headers().firstValue("etag").orElseThrow();
        assertThat(first.headers().firstValue("cache-control")).hasValue("no-cache");
        var again = get("/dashboard/app.js", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(get("/dashboard/app.js", "If-None-Match", "\"another\"").statusCode())
                .isEqualTo(200);
    }

    @Test
    void aHeadIsAnsweredWithoutABodyAndNothingCanBeSent() throws Exception {
        var head = send(request("/").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValueAsLong("content-length").orElseThrow())
                .isGreaterThan(1000);
        assertThat(head.body()).isEmpty();
        assertThat(send(request("/").POST(HttpRequest.BodyPublishers.ofString("x")))
                        .statusCode())
                .isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/index.html",
                "/dashboard",
                "/dashboard/",
                "/dashboard/nothing.js",
                "/dashboard/../reference.conf",
                "/dashboard/%2e%2e/reference.conf",
                "/dashboard/..%2f..%2freference.conf",
                "/dashboard//app.js",
                "/reference.conf"
            })
    void noOtherPathLeadsAnywhere(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void allPartsThatThereAreAreServedAndAllThatAreNamedAreThere() throws Exception {
        try (var files = Files.list(sources())) {
            assertThat(files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrderElementsOf(DashboardRoutes.FILES);
        }
        var named = new TreeSet<String>();
        for (var name : DashboardRoutes.FILES) {
            var source = Files.readString(sources().resolve(name));
            Pattern.compile("(?:from '\\./|(?:src|href)=\"dashboard/)([^'\"]+)['\"]")
                    .matcher(source)
                    .results()
                    .forEach(match -> named.add(match.group(1)));
        }
        for (var name : named) {
            assertThat(get("/dashboard/" + name).statusCode()).as(name).isEqualTo(200);
        }
    }

    /** The policy forbids it too; this says so before a browser does. */
    @Test
    void noPartLoadsFromElsewhereOrMakesMarkupOfData() throws IOException {
        for (var name : DashboardRoutes.FILES) {
            var source = Files.readString(sources().resolve(name)).replace("http://www.w3.org/2000/svg", "");
            assertThat(source)
                    .as(name)
                    .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
                    .doesNotContain("http://", "https://", " style=\"", "onclick=\"");
        }
    }

    private static Path sources() {
        return Path.of("src", "main", "resources", "aitta", "dashboard");
    }

    private static HttpResponse<String> get(String path, String... headers) throws Exception {
        var request = request(path);
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + binding.localAddress().getPort() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}

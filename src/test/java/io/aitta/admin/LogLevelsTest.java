package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogLevelsTest {
    private static final String NAME = "io.aitta.admin.LogLevelsTest";
    private static OpenAdminDoor door;

    @BeforeAll
    static void open() {
        door = new OpenAdminDoor(LogLevels.routes());
    }

    @AfterAll
    static void close() throws Exception {
        door.close();
    }

    @Test
    void a_level_holds_from_now_on_until_it_is_taken_back() {
        var logger = LoggerFactory.getLogger(NAME);
        assertThat(logger.isTraceEnabled()).isFalse();
        assertThat(put(NAME, "TRACE").body()).contains("\"level\":\"TRACE\",\"inherited\":false");
        assertThat(logger.isTraceEnabled()).isTrue();
        assertThat(door.get("/aitta/v1/loggers/" + NAME).body()).contains("\"level\":\"TRACE\"");
        assertThat(put(NAME, "").body()).contains("\"inherited\":true");
        assertThat(logger.isTraceEnabled()).isFalse();
    }

    @Test
    void all_that_log_are_listed() {
        LoggerFactory.getLogger(NAME);
        assertThat(door.get("/aitta/v1/loggers").body()).contains("{\"name\":\"" + NAME + "\"", "{\"name\":\"ROOT\"");
    }

    @Test
    void what_cannot_be_is_refused_with_what_can() {
        assertThat(put(NAME, "LOUD").body()).contains("BAD_LEVEL", "TRACE, DEBUG, INFO, WARN, ERROR, OFF, or empty");
        assertThat(put("ROOT", "").body()).contains("BAD_LEVEL");
        assertThat(put("../etc".replace("/", "%2F"), "INFO").body()).contains("BAD_LOGGER_NAME");
        assertThat(door.get("/aitta/v1/loggers/no.such.logger").statusCode()).isEqualTo(404);
    }

    private static HttpResponse<String> put(String name, String level) {
        return door.send(door.request("/aitta/v1/loggers/" + name)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"level\":\"" + level + "\"}")));
    }
}

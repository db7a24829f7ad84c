package io.aitta.config;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** The layouts of a node's log, as logback.xml has them. */
class LogLayoutTest {
    private static String line(String format) throws Exception {
        var context = new LoggerContext();
        if (format != null) {
            context.putProperty("AITTA_LOG_FORMAT", format);
        }
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(LogLayoutTest.class.getResource("/logback.xml"));
        var root = context.getLogger("ROOT");
        String name = format == null ? "plain" : format;
        var appender = (ConsoleAppender<ILoggingEvent>) root.getAppender(name);
        assertThat(appender).as(name).isNotNull();
        var event = new LoggingEvent(
                "",
                context.getLogger("io.aitta.requests"),
                Level.WARN,
                "what {} was",
                new RuntimeException("why"),
                new Object[] {"it"});
        event.setKeyValuePairs(List.of(new KeyValuePair("request_id", "r-\"1\"")));
        try {
            return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
        } finally {
            context.stop();
        }
    }

    @Test
    void plainIsWhatThereIsWithoutAskingForIt() throws Exception {
        assertThat(line(null).lines().findFirst().orElseThrow())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ WARN  requests - what it was");
    }

    @Test
    void jsonIsOneObjectOnOneLineWithItsFields() throws Exception {
        String line = line("json");
        assertThat(line.lines()).hasSize(1);
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.get("level").asText()).isEqualTo("WARN");
        assertThat(json.get("loggerName").asText()).isEqualTo("io.aitta.requests");
        assertThat(json.get("formattedMessage").asText()).isEqualTo("what it was");
        assertThat(json.at("/kvpList/0/request_id").asText()).isEqualTo("r-\"1\"");
        assertThat(json.at("/throwable/message").asText()).isEqualTo("why");
        assertThat(json.get("timestamp").asLong()).isPositive();
    }
}

package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
    private static final String GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static Origin of(String name, String value) {
        return Origin.of(HttpRequest.create().addHeader(RawHeader.create(name, value)));
    }

    @Test
    void the_trace_is_read_from_traceparent() {
        assertThat(of("traceparent", GOOD).traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(of("traceparent", "01" + GOOD.substring(2) + "-more").traceId())
                .as("of a later version")
                .isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(Origin.UNKNOWN.traceId()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
                "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"
            })
    void what_is_malformed_is_no_trace(String value) {
        assertThat(of("traceparent", value).traceparent()).isNull();
    }

    @Test
    void an_id_is_short_and_plain() {
        assertThat(of("x-request-id", "a-B_9.z:1").requestId()).isEqualTo("a-B_9.z:1");
        assertThat(of("x-request-id", "x".repeat(65)).requestId()).isNull();
        assertThat(of("x-request-id", "two words").requestId()).isNull();
    }
}

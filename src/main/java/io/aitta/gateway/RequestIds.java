package io.aitta.gateway;

import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Names for requests that came without one, so that a client's error and a line of a node's log can be brought together. */
final class RequestIds {
    /** Tells apart what different processes name. */
    private static final String PROCESS =
            String.format(Locale.ROOT, "%08x", ThreadLocalRandom.current().nextInt());

    private static final AtomicLong LAST = new AtomicLong();

    private RequestIds() {}

    static String next() {
        return PROCESS + "-" + LAST.incrementAndGet();
    }
}

package io.aitta.security;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who changed the cluster, and who was not let do what: one line each, to the logger {@code aitta.audit}. Never a token, a
 * key or a value. Refusals are written at most {@link #REFUSALS_A_SECOND} times a second, so that whoever is refused cannot
 * fill the disk; how many were left out is said. Thread-safe.
 */
public final class AuditLog {
    public static final String LOGGER = "aitta.audit";
    static final int REFUSALS_A_SECOND = 50;
    private static final int MAX_DETAIL = 400;
    private static final Logger log = LoggerFactory.getLogger(LOGGER);

    private final AtomicLong second = new AtomicLong();
    private final AtomicInteger refusals = new AtomicInteger();

    /**
     * Something was ordered.
     *
     * @param from the caller's address
     * @param action such as {@code grpc Admin/DropTable}
     * @param detail what was asked for, as {@link #told} has it; shortened, and control characters are replaced
     * @param outcome {@code done}, or the reason why it was not
     */
    public void ordered(String who, String from, String action, String detail, String outcome) {
        log.info(
                "ordered: who={} from={} action=\"{}\" outcome={} detail=\"{}\"",
                who,
                from,
                plain(action),
                outcome,
                plain(detail));
    }

    /** An order in words, on one line. Orders have no keys and no values in them. */
    public static String told(Message order) {
        return TextFormat.printer().printToString(order).replaceAll("\\s+", " ").strip();
    }

    /**
     * Something was not allowed.
     *
     * @param who {@code -}: nobody knows
     * @param reason stable, for programs
     * @param why a sentence, for people
     */
    public void refused(String who, String from, String action, String reason, String why) {
        long now = System.nanoTime() / 1_000_000_000;
        long last = second.get();
        if (last != now && second.compareAndSet(last, now)) {
            int leftOut = refusals.getAndSet(0) - REFUSALS_A_SECOND;
            if (leftOut > 0) {
                log.warn("refused: {} more, not written one by one", leftOut);
            }
        }
        if (refusals.incrementAndGet() <= REFUSALS_A_SECOND) {
            log.warn(
                    "refused: who={} from={} action=\"{}\" reason={} detail=\"{}\"",
                    who,
                    from,
                    plain(action),
                    reason,
                    plain(why));
        }
    }

    /** One line, whatever a client put into it. */
    private static String plain(String text) {
        String cut = text.length() <= MAX_DETAIL ? text : text.substring(0, MAX_DETAIL) + "...";
        return cut.replaceAll("[^\\x20-\\x7e]", "?").replace('"', '\'');
    }
}

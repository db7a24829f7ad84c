package io.aitta.gateway;

import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * What a client says of itself in a request's headers, so that what it sees and what the node logs can be brought together.
 * Of a streaming session it holds for all of its calls.
 *
 * @param requestId the header {@code x-request-id}; null: none, or one that is not fit to be logged
 * @param traceparent the header of that name (W3C Trace Context), well-formed; null: none
 */
record Origin(String requestId, String traceparent) {
    static final Origin UNKNOWN = new Origin(null, null);

    private static final int MAX_REQUEST_ID = 64;
    /** Version, trace id, parent id, flags; hexadecimal, with a dash between them. */
    private static final int TRACEPARENT_LENGTH = 55;

    static Origin of(HttpRequest request) {
        Origin origin = UNKNOWN;
        for (HttpHeader header : request.getHeaders()) {
            origin = origin.with(header);
        }
        return origin;
    }

    /** The same with what this header adds to it. */
    Origin with(HttpHeader header) {
        String name = header.lowercaseName();
        if (name.equals("traceparent") && isTraceparent(header.value())) {
            return new Origin(requestId, header.value());
        }
        if (name.equals("x-request-id") && isRequestId(header.value())) {
            return new Origin(header.value(), traceparent);
        }
        return this;
    }

    /** Empty if there is none. */
    String traceId() {
        return traceparent == null ? "" : traceparent.substring(3, 35);
    }

    private static boolean isRequestId(String id) {
        if (id.isEmpty() || id.length() > MAX_REQUEST_ID) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!plain && c != '-' && c != '_' && c != '.' && c != ':') {
                return false;
            }
        }
        return true;
    }

    /** Later versions may have more at their end, after a dash. */
    private static boolean isTraceparent(String value) {
        boolean fits = value.length() == TRACEPARENT_LENGTH
                || value.length() > TRACEPARENT_LENGTH
                        && !value.startsWith("00")
                        && value.charAt(TRACEPARENT_LENGTH) == '-';
        return fits
                && !value.startsWith("ff")
                && isHex(value, 0, 2)
                && value.charAt(2) == '-'
                && isHex(value, 3, 35)
                && !isZero(value, 3, 35)
                && value.charAt(35) == '-'
                && isHex(value, 36, 52)
                && !isZero(value, 36, 52)
                && value.charAt(52) == '-'
                && isHex(value, 53, 55);
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }
}

package io.aitta.admin;

import io.aitta.security.Access;
import io.aitta.security.AccessDenied;
import io.aitta.security.AuditLog;
import io.aitta.security.Caller;
import io.aitta.security.Role;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * Where there are tokens: changing needs the role admin for all tables, seeing keys that of a reader of their table. Looking
 * at the cluster needs a token, too, but for those who are on this machine. The token comes as {@code Bearer}, or as the
 * password of {@code Basic}, so that a browser can be used. The audit log is told of orders, and of all that is refused.
 */
public final class TokenGuard implements HttpGuard {
    private static final int MAX_ENCODED = 2_048;

    private final Access access;
    private final AuditLog audit;
    private final HttpGuard here;

    /** @param ownHost by which the node is reached */
    public TokenGuard(Access access, AuditLog audit, String ownHost) {
        this.access = access;
        this.audit = audit;
        this.here = new LoopbackGuard(ownHost);
    }

    @Override
    public Optional<Refusal> refusal(HttpRequest request, Wanted wanted) {
        if (wanted.need() == Need.NOTHING
                || wanted.need() == Need.READ && here.refusal(request, wanted).isEmpty()) {
            return Optional.empty();
        }
        String who = "-";
        try {
            Caller caller = access.caller(authorization(request));
            who = caller.name();
            require(caller, wanted);
            return Optional.empty();
        } catch (AccessDenied denied) {
            audit.refused(who, from(request), "http " + wanted.action(), denied);
            return Optional.of(new Refusal(
                    denied.reason().isUnauthenticated() ? 401 : 403,
                    denied.reason().name(),
                    denied.getMessage()));
        }
    }

    private static void require(Caller caller, Wanted wanted) {
        switch (wanted.need()) {
            case NOTHING -> {}
            case READ -> {
                if (wanted.table().isPresent()) {
                    caller.require(Role.READ_ONLY, wanted.table().get());
                } else {
                    caller.requireKnown();
                }
            }
            case READ_DATA -> {
                if (wanted.table().isPresent()) {
                    caller.require(Role.READ_ONLY, wanted.table().get());
                } else {
                    caller.requireEverywhere(Role.READ_ONLY);
                }
            }
            case CHANGE -> caller.requireEverywhere(Role.ADMIN);
        }
    }

    @Override
    public void answered(HttpRequest request, Wanted wanted, int status) {
        if (wanted.need() == Need.CHANGE) {
            audit.ordered(
                    name(request),
                    from(request),
                    "http " + wanted.action(),
                    request.method().value() + " " + request.getUri().path(),
                    status < 300 ? "done" : Integer.toString(status));
        }
    }

    private String name(HttpRequest request) {
        try {
            return access.caller(authorization(request)).name();
        } catch (AccessDenied takenBack) {
            return "-"; // between the order and its answer
        }
    }

    /** As {@code Bearer TOKEN}, however it came; null: it did not come. */
    private static String authorization(HttpRequest request) {
        String header =
                request.getHeader("authorization").map(found -> found.value()).orElse(null);
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith("basic ") || header.length() > MAX_ENCODED) {
            return header;
        }
        try {
            String userAndPassword = new String(
                    Base64.getDecoder()
                            .decode(header.substring("basic ".length()).strip()),
                    StandardCharsets.UTF_8);
            return "Bearer " + userAndPassword.substring(userAndPassword.indexOf(':') + 1);
        } catch (IllegalArgumentException garbage) {
            return null;
        }
    }

    private static String from(HttpRequest request) {
        return request.getAttribute(AttributeKeys.remoteAddress)
                .flatMap(address -> address.getAddress().map(ip -> ip.getHostAddress() + ":" + address.getPort()))
                .orElse("-");
    }
}

package io.aitta.admin;

import io.aitta.security.Access;
import io.aitta.security.AccessDenied;
import io.aitta.security.Caller;
import io.aitta.security.Role;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * Where there are tokens: changing needs the role admin for all tables, and so does seeing keys of whatever table; seeing
 * those of one table needs that of a reader of it. Looking at the cluster needs a token, too, but for those who are on this
 * machine. The token comes as {@code Bearer}, or as the password of {@code Basic}, so that a browser can be used.
 */
public final class TokenGuard implements HttpGuard {
    private static final int MAX_ENCODED = 2_048;

    private final Access access;
    private final HttpGuard here;

    /** @param ownHost by which the node is reached */
    public TokenGuard(Access access, String ownHost) {
        this.access = access;
        this.here = new LoopbackGuard(ownHost);
    }

    @Override
    public Verdict judge(HttpRequest request, Wanted wanted) {
        if (wanted.need() == Need.NOTHING
                || wanted.need() == Need.READ
                        && here.judge(request, wanted).refusal().isEmpty()) {
            return Verdict.admitted(NOBODY_KNOWS);
        }
        String who = NOBODY_KNOWS;
        try {
            Caller caller = access.caller(authorization(request));
            who = caller.name();
            require(caller, wanted);
            return Verdict.admitted(who);
        } catch (AccessDenied denied) {
            return Verdict.refused(
                    who,
                    new Refusal(
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
            case READ_AS_ADMIN, CHANGE -> caller.requireEverywhere(Role.ADMIN);
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
}

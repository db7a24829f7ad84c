package io.aitta.security;

import io.aitta.security.AccessDenied.Reason;
import java.util.Optional;

/**
 * Lets in who presents a token of the file. The file can be exchanged at any moment, and callers that are inside already
 * are judged by the new one from then on.
 */
public final class TokenAccess implements Access {
    private static final String BEARER = "Bearer ";

    private volatile TokenFile tokens;

    public TokenAccess(TokenFile tokens) {
        this.tokens = tokens;
    }

    /** From now on these count, and no others. */
    public void replace(TokenFile tokens) {
        this.tokens = tokens;
    }

    @Override
    public Caller caller(String authorization) {
        if (authorization == null || authorization.isBlank()) {
            throw new AccessDenied(
                    Reason.NO_TOKEN, "this node wants a token: send the header 'authorization: Bearer TOKEN'");
        }
        if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw new AccessDenied(
                    Reason.NO_TOKEN, "the header 'authorization' must be the word Bearer, a blank and a token");
        }
        String token = authorization.substring(BEARER.length()).strip();
        if (token.length() > Tokens.MAX_CHARACTERS) {
            throw unknown();
        }
        return new Known(Tokens.digest(token));
    }

    private static AccessDenied unknown() {
        return new AccessDenied(
                Reason.UNKNOWN_TOKEN,
                "this node does not know the token; it may have been taken back, or be meant for another");
    }

    private record Found(TokenFile in, Optional<Holder> holder) {}

    private final class Known implements Caller {
        private final byte[] digest;
        private final String name;
        private volatile Found found;

        Known(byte[] digest) {
            this.digest = digest;
            this.found = find(tokens);
            this.name = holder().name();
        }

        private Found find(TokenFile file) {
            return new Found(file, file.holderOf(digest));
        }

        private Holder holder() {
            TokenFile now = tokens;
            Found last = found;
            if (last.in() != now) {
                last = find(now);
                found = last;
            }
            return last.holder().orElseThrow(TokenAccess::unknown);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void requireKnown() {
            holder();
        }

        @Override
        public void require(Role role, String table) {
            var holder = holder();
            if (!holder.may(role, table)) {
                throw denied(holder, "'" + role.word() + "' for the table '" + shortened(table) + "'");
            }
        }

        @Override
        public void requireEverywhere(Role role) {
            var holder = holder();
            if (!holder.mayEverywhere(role)) {
                throw denied(holder, "'" + role.word() + "' for all tables");
            }
        }

        private static AccessDenied denied(Holder holder, String needed) {
            return new AccessDenied(
                    Reason.PERMISSION_DENIED, "the token of '" + holder.name() + "' lacks the role " + needed);
        }

        private static String shortened(String table) {
            return table.length() <= 64 ? table : table.substring(0, 64) + "...";
        }
    }
}

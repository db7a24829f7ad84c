package io.aitta.security;

/**
 * Who speaks over one connection or stream, for as long as it lasts. Asked again for each thing that is done, for a token
 * may be taken back while a stream is open. Thread-safe; each question throws {@link AccessDenied} if the answer is no.
 */
public interface Caller {
    /** For the audit log. */
    String name();

    /** That the token is still one that is known. */
    void requireKnown();

    /** That {@code role} is held for {@code table}. */
    void require(Role role, String table);

    /** That {@code role} is held for all tables. */
    void requireEverywhere(Role role);
}

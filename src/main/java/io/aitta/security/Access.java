package io.aitta.security;

/** Who may do what; asked by every door. Thread-safe, never blocks. */
@FunctionalInterface
public interface Access {
    /** Everyone may do everything: that is so where no tokens are set. */
    Access OPEN = authorization -> new Caller() {
        @Override
        public String name() {
            return "anyone";
        }

        @Override
        public void requireKnown() {}

        @Override
        public void require(Role role, String table) {}

        @Override
        public void requireEverywhere(Role role) {}
    };

    /**
     * Whose request it is.
     *
     * @param authorization the header of that name, {@code Bearer TOKEN}; null: there is none
     * @throws AccessDenied if there is no token, or it is not known
     */
    Caller caller(String authorization);
}

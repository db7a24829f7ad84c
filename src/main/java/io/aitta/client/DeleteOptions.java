package io.aitta.client;

import io.aitta.proto.v1.DeleteRequest;

/** How a key is removed. Immutable: each method gives another one. */
public final class DeleteOptions {
    /** Unconditionally. */
    public static final DeleteOptions DEFAULT = new DeleteOptions(null, false);

    /** Null: none. */
    private final Condition condition;

    private final boolean returningPrevious;

    private DeleteOptions(Condition condition, boolean returningPrevious) {
        this.condition = condition;
        this.returningPrevious = returningPrevious;
    }

    /** Nothing is removed unless this holds. */
    public DeleteOptions onlyIf(Condition condition) {
        return new DeleteOptions(condition, returningPrevious);
    }

    /** The result is to tell what the key held before. */
    public DeleteOptions returningPrevious() {
        return new DeleteOptions(condition, true);
    }

    void applyTo(DeleteRequest.Builder request) {
        if (condition != null) {
            request.setCondition(condition.message());
        }
        request.setReturnPrevious(returningPrevious);
    }
}

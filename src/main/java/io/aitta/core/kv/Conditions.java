package io.aitta.core.kv;

import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.record.v1.StoredValue;
import java.util.Optional;

/** What must hold of a key's value for a write to be done. A missing key has version 0 and equals no value. */
final class Conditions {
    private Conditions() {}

    static boolean holds(Condition condition, Optional<StoredValue> current) {
        return switch (condition.getKindCase()) {
            case EXISTS -> current.isPresent() == condition.getExists();
            case VERSION -> versionOf(current) == condition.getVersion();
            case VALUE -> current.isPresent() && current.get().getValue().equals(condition.getValue());
            case KIND_NOT_SET -> throw new AssertionError("a condition without a kind is refused before");
        };
    }

    static boolean holds(Compare compare, Optional<StoredValue> current) {
        return switch (compare.getExpectedCase()) {
            case EXISTS -> current.isPresent() == compare.getExists();
            case VERSION -> versionOf(current) == compare.getVersion();
            case VALUE -> current.isPresent() && current.get().getValue().equals(compare.getValue());
            case EXPECTED_NOT_SET -> throw new AssertionError("a compare without expectation is refused before");
        };
    }

    static long versionOf(Optional<StoredValue> current) {
        return current.map(StoredValue::getVersion).orElse(0L);
    }
}

package io.aitta.multijvm;

import static io.aitta.multijvm.Load.bytes;

import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.Condition;
import io.aitta.client.Consistency;
import io.aitta.client.SetOptions;
import io.aitta.client.Transaction;
import io.aitta.client.TransactionResult;
import io.aitta.client.VersionedValue;
import io.aitta.history.Answer;
import io.aitta.history.History;
import io.aitta.history.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Does everything there is to a handful of keys, three of which belong together at a time, and records it: strong reads,
 * sets with and without a time to live, exchanges by value and by version, appends, increments, removals, and transactions
 * over the three. Every value is written once only, so that it tells its write.
 */
final class MixClient implements Load.Client {
    private static final int GROUPS = 4;
    private static final int LONGEST_TIME_TO_LIVE_MILLIS = 1_500;

    private final String name;
    private final AittaTable.BlockingView keys;
    private final Random random;
    private final History history;
    private final Told told;
    private final Consumer<String> failures;
    /** What it saw last of each key; a key is taken for absent that it never saw. */
    private final Map<String, VersionedValue> seen = new HashMap<>();

    MixClient(String name, AittaTable table, Random random, History history, Told told, Consumer<String> failures) {
        this.name = name;
        this.keys = table.withConsistency(Consistency.STRONG).blocking();
        this.random = random;
        this.history = history;
        this.told = told;
        this.failures = failures;
    }

    @Override
    public boolean step(int i) {
        String tag = "{mix-" + random.nextInt(GROUPS) + "}";
        String text = tag + "text";
        String other = tag + "other";
        String number = tag + "number";
        String any = random.nextBoolean() ? text : other;
        String value = name + "/" + i + ";";
        int dice = random.nextInt(30);
        if (dice < 9) {
            return get(dice < 3 ? number : any);
        } else if (dice < 12) {
            return set(any, value);
        } else if (dice < 14) {
            return setForSomeTime(any, value);
        } else if (dice < 16) {
            return exchange(other, value);
        } else if (dice < 18) {
            return exchangeVersion(text, value);
        } else if (dice < 20) {
            return append(any, value);
        } else if (dice < 22) {
            return increment(number, 1 + random.nextInt(9));
        } else if (dice < 23) {
            return delete(random.nextInt(4) == 0 ? number : any);
        } else if (dice < 25) {
            return expire(other, dice == 23 ? Duration.ZERO : someTime());
        } else if (dice < 27) {
            return readAll(text, other, number);
        }
        return writeAll(text, other, number, value);
    }

    private Duration someTime() {
        return Duration.ofMillis(1 + random.nextInt(LONGEST_TIME_TO_LIVE_MILLIS));
    }

    // ---- one key ------------------------------------------------------------------------------------------------

    private boolean get(String key) {
        return record(new Operation.Get(key), () -> saw(key, keys.get(bytes(key))));
    }

    private boolean set(String key, String value) {
        return record(Operation.set(key, value), () -> {
            told.holds(key, keys.set(bytes(key), bytes(value)), value);
            return Answer.NOTHING;
        });
    }

    private boolean setForSomeTime(String key, String value) {
        var time = someTime();
        return record(new Operation.Put(key, value, time.toNanos()), () -> {
            var result = keys.set(bytes(key), bytes(value), SetOptions.DEFAULT.expiringAfter(time));
            told.holds(key, result.version(), value);
            return Answer.NOTHING;
        });
    }

    private boolean exchange(String key, String value) {
        var expected = seenValue(key);
        return record(new Operation.Cas(key, expected, value), () -> exchange(key, value, condition(expected)));
    }

    /** As good as by value, for every value is written once, and this key's time to live is never changed by itself. */
    private boolean exchangeVersion(String key, String value) {
        var version = Condition.hasVersion(seen.containsKey(key) ? seen.get(key).version() : 0);
        return record(new Operation.Cas(key, seenValue(key), value), () -> exchange(key, value, version));
    }

    private Answer exchange(String key, String value, Condition condition) {
        var result = keys.set(bytes(key), bytes(value), SetOptions.DEFAULT.onlyIf(condition));
        if (result.applied()) {
            told.holds(key, result.version(), value);
        }
        return Answer.did(result.applied());
    }

    private boolean append(String key, String suffix) {
        return record(new Operation.Append(key, suffix), () -> {
            var result = keys.append(bytes(key), bytes(suffix));
            told.wrote(key, result.version());
            return new Answer.Length(result.length());
        });
    }

    private boolean increment(String key, long amount) {
        return record(new Operation.Increment(key, amount), () -> {
            var result = keys.increment(bytes(key), amount);
            return incremented(key, result.version(), result.value());
        });
    }

    private Answer incremented(String key, long version, long value) {
        told.holds(key, version, Long.toString(value));
        return Answer.value(Long.toString(value));
    }

    private boolean delete(String key) {
        return record(new Operation.Delete(key), () -> Answer.did(keys.delete(bytes(key))));
    }

    private boolean expire(String key, Duration time) {
        return record(
                new Operation.Expire(key, time.toNanos()),
                () -> Answer.did(time.isZero() ? keys.persist(bytes(key)) : keys.expire(bytes(key), time)));
    }

    // ---- keys together ------------------------------------------------------------------------------------------

    private boolean readAll(String text, String other, String number) {
        var all = List.of(text, other, number);
        var reads = all.stream().<Operation>map(Operation.Get::new).toList();
        return record(new Operation.Transaction(List.of(), reads, List.of()), () -> {
            var result = keys.transaction(Transaction.of(all.stream()
                    .map(key -> io.aitta.client.Operation.get(bytes(key)))
                    .toArray(io.aitta.client.Operation[]::new)));
            var answers = new ArrayList<Answer>();
            for (int i = 0; i < all.size(); i++) {
                answers.add(saw(all.get(i), result.got(i)));
            }
            return new Answer.Steps(true, answers);
        });
    }

    private boolean writeAll(String text, String other, String number, String value) {
        var expected = seenValue(text);
        var operation = new Operation.Transaction(
                List.of(new Operation.Compare(text, expected)),
                List.of(
                        Operation.set(text, value),
                        new Operation.Append(other, value),
                        new Operation.Increment(number, 1),
                        new Operation.Get(other)),
                List.of(new Operation.Get(text), new Operation.Delete(other)));
        var transaction = Transaction.builder()
                .when(bytes(text), condition(expected))
                .then(
                        io.aitta.client.Operation.set(bytes(text), bytes(value)),
                        io.aitta.client.Operation.append(bytes(other), bytes(value)),
                        io.aitta.client.Operation.increment(bytes(number), 1),
                        io.aitta.client.Operation.get(bytes(other)))
                .otherwise(
                        io.aitta.client.Operation.get(bytes(text)), io.aitta.client.Operation.delete(bytes(other)))
                .build();
        return record(operation, () -> {
            var result = keys.transaction(transaction);
            return result.succeeded() ? wroteAll(text, other, number, value, result) : didNot(text, result);
        });
    }

    private Answer wroteAll(String text, String other, String number, String value, TransactionResult result) {
        told.holds(text, result.version(), value);
        var appended = result.appended(1);
        var incremented = result.incremented(2);
        return new Answer.Steps(
                true,
                List.of(
                        Answer.NOTHING,
                        new Answer.Length(appended.length()),
                        incremented(number, incremented.version(), incremented.value()),
                        saw(other, result.got(3))));
    }

    private Answer didNot(String text, TransactionResult result) {
        boolean existed = result.step(1, TransactionResult.Step.Deleted.class).existed();
        return new Answer.Steps(false, List.of(saw(text, result.got(0)), Answer.did(existed)));
    }

    // ---- the record ---------------------------------------------------------------------------------------------

    private Optional<String> seenValue(String key) {
        return Optional.ofNullable(seen.get(key)).map(VersionedValue::utf8);
    }

    private static Condition condition(Optional<String> expected) {
        return expected.map(value -> Condition.hasValue(bytes(value))).orElse(Condition.absent());
    }

    private Answer saw(String key, Optional<VersionedValue> found) {
        if (found.isEmpty()) {
            seen.remove(key);
            return Answer.absent();
        }
        var value = found.get();
        seen.put(key, value);
        told.holds(key, value.version(), value.utf8());
        return Answer.value(value.utf8());
    }

    private boolean record(Operation operation, Supplier<Answer> call) {
        int id = history.invoke(name, operation);
        try {
            history.ok(id, call.get());
            return true;
        } catch (AittaException.OutcomeUnknown unknown) {
            history.unknown(id);
            failures.accept(operation + ": " + unknown.getMessage());
            return false;
        } catch (AittaException refused) {
            history.fail(id);
            failures.accept(operation + ": " + refused.reason() + ": " + refused.getMessage());
            return false;
        }
    }
}

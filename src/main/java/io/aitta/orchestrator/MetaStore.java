package io.aitta.orchestrator;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyState;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The topology's history in {@code _meta}: {@code head} holds the current epoch (8 bytes, big endian),
 * {@code epoch/<16 hex digits>} what changed with it, {@code snapshot/<16 hex digits>} the whole topology, every
 * {@value #SNAPSHOT_EVERY} epochs. Only the head ever changes, and it moves only by one from what the writer believes it
 * to be, in one transaction with the rest: so a writer that is behind can change nothing. Thread-safe; the stages never
 * fail.
 */
final class MetaStore {
    static final int SNAPSHOT_EVERY = 64;
    /** How many records of a history are asked for before the first of them has come. */
    private static final int READ_AT_ONCE = 64;

    private static final byte[] HEAD = "head".getBytes(StandardCharsets.UTF_8);

    /** What was read. */
    sealed interface Loaded {
        record Found(Topology topology) implements Loaded {}

        /** No epoch was ever written, or not the one asked for. */
        record Absent() implements Loaded {}

        record Failed(String message) implements Loaded {}
    }

    /** What became of a change. */
    sealed interface Written {
        record Done() implements Written {}

        /** Nothing happened: the head is another one than believed. */
        record HeadMoved() implements Written {}

        /** Nothing happened. */
        record Refused(String reason, String message) implements Written {}

        /** It may have happened, or may still. */
        record Unknown(String message) implements Written {}
    }

    /** What is known of a change whose outcome was unknown. */
    sealed interface Resolved {
        /** It happened. @param since what requests became epochs from then on, of the last ones */
        record Landed(Topology now, RecentRequests since) implements Resolved {}

        /** It did not and never will: another took its epoch. @param since as with {@link Landed} */
        record Lost(Topology now, RecentRequests since) implements Resolved {}

        /** It has not happened so far; it may still. */
        record Open() implements Resolved {}

        record Failed(String message) implements Resolved {}
    }

    private final PartitionAccess access;
    private final long timeoutNanos;

    MetaStore(PartitionAccess access, long timeoutNanos) {
        this.access = access;
        this.timeoutNanos = timeoutNanos;
    }

    /** The present topology. */
    CompletionStage<Loaded> load() {
        return head().thenCompose(head -> head.message != null
                        ? done(new Loaded.Failed(head.message))
                        : head.epoch.equals(Epoch.ZERO) ? done(new Loaded.Absent()) : loadHistoryTo(head.epoch))
                .exceptionally(failure -> new Loaded.Failed(describe(failure)));
    }

    /** The topology of a past epoch. {@link Epoch#ZERO}: the empty one. */
    CompletionStage<Loaded> loadAt(Epoch epoch) {
        if (epoch.equals(Epoch.ZERO)) {
            return done(new Loaded.Found(Topology.EMPTY));
        }
        return head().thenCompose(head -> head.message != null
                        ? done(new Loaded.Failed(head.message))
                        : epoch.isNewerThan(head.epoch) ? done(new Loaded.Absent()) : loadHistoryTo(epoch))
                .exceptionally(failure -> new Loaded.Failed(describe(failure)));
    }

    /**
     * Makes the change the next epoch.
     *
     * @param after the topology with the change
     */
    CompletionStage<Written> append(EpochChange change, Topology after) {
        var transaction = TransactionOperation.newBuilder();
        long before = change.epoch().value() - 1;
        var compare = Compare.newBuilder().setKey(ByteString.copyFrom(HEAD));
        transaction.addCompares(before == 0 ? compare.setExists(false) : compare.setValue(longBytes(before)));
        transaction.addThenWrites(set(HEAD, longBytes(change.epoch().value())));
        transaction.addThenWrites(set(epochKey(change.epoch()), ByteString.copyFrom(EpochCodec.encode(change))));
        if (change.epoch().value() % SNAPSHOT_EVERY == 0) {
            transaction.addThenWrites(
                    set(snapshotKey(change.epoch()), ByteString.copyFrom(TopologyCodec.encode(after))));
        }
        byte[] operation =
                Operation.newBuilder().setTransaction(transaction).build().toByteArray();
        return access.write(PartitionId.META, operation, PartitionAccess.Acknowledgement.QUORUM, deadline())
                .thenApply(MetaStore::written)
                .exceptionally(failure -> new Written.Unknown(describe(failure)));
    }

    /** Looks up whether a change has happened. */
    CompletionStage<Resolved> resolve(EpochChange change) {
        return load().thenCompose(loaded -> {
                    if (loaded instanceof Loaded.Found found
                            && !change.epoch().isNewerThan(found.topology().epoch())) {
                        return read(epochKey(change.epoch()))
                                .thenCombine(
                                        requestsOf(
                                                change.epoch(), found.topology().epoch()),
                                        (record, since) -> {
                                            boolean isOurs = EpochCodec.decode(record.orElseThrow())
                                                    .changeId()
                                                    .equals(change.changeId());
                                            return isOurs
                                                    ? new Resolved.Landed(found.topology(), since)
                                                    : new Resolved.Lost(found.topology(), since);
                                        });
                    }
                    return CompletableFuture.<Resolved>completedFuture(
                            loaded instanceof Loaded.Failed failed
                                    ? new Resolved.Failed(failed.message())
                                    : new Resolved.Open());
                })
                .exceptionally(failure -> new Resolved.Failed(describe(failure)));
    }

    /**
     * The changes after {@code after} up to {@code to}, in their order. Unlike the others this stage fails, if they cannot be
     * read.
     */
    CompletionStage<List<EpochChange>> history(Epoch after, Epoch to) {
        long last = Math.min(to.value(), after.value() + READ_AT_ONCE);
        List<CompletableFuture<EpochChange>> records = new ArrayList<>();
        for (long next = after.value() + 1; next <= last; next++) {
            var epoch = new Epoch(next);
            records.add(read(epochKey(epoch))
                    .thenApply(bytes -> EpochCodec.decode(bytes.orElseThrow(() -> missing("record of epoch " + epoch))))
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(records.toArray(CompletableFuture[]::new))
                .thenCompose(all -> {
                    var changes = new ArrayList<EpochChange>();
                    records.forEach(record -> changes.add(record.join()));
                    if (last >= to.value()) {
                        return CompletableFuture.completedFuture(changes);
                    }
                    return history(new Epoch(last), to).thenApply(rest -> {
                        changes.addAll(rest);
                        return changes;
                    });
                });
    }

    /** Which requests became the last epochs up to {@code head}. Empty if {@code _meta} did not answer. */
    CompletionStage<Optional<RecentRequests>> recent(Epoch head) {
        return requestsOf(new Epoch(1), head)
                .thenApply(Optional::of)
                // Whoever asks will ask again.
                .exceptionally(failure -> Optional.empty());
    }

    private CompletionStage<RecentRequests> requestsOf(Epoch from, Epoch to) {
        long first = Math.max(from.value(), to.value() - RecentRequests.KEPT + 1);
        return history(new Epoch(first - 1), to).thenApply(changes -> {
            var recent = new RecentRequests();
            changes.forEach(recent::landed);
            return recent;
        });
    }

    private record Head(Epoch epoch, String message) {}

    private CompletionStage<Head> head() {
        return access.read(PartitionId.META, List.of(HEAD), ReadLevel.STRONG, deadline())
                .thenApply(answer -> {
                    if (answer instanceof ReadAnswer.Values values) {
                        return new Head(
                                values.values()
                                        .get(0)
                                        .map(value -> new Epoch(
                                                ByteBuffer.wrap(value.bytes()).getLong()))
                                        .orElse(Epoch.ZERO),
                                null);
                    }
                    return new Head(null, refusal((ReadAnswer.Refused) answer));
                });
    }

    /** From the last snapshot on. Each record is read by itself, for together they may be too large for one message. */
    private CompletionStage<Loaded> loadHistoryTo(Epoch epoch) {
        long base = epoch.value() / SNAPSHOT_EVERY * SNAPSHOT_EVERY;
        CompletableFuture<Topology> topology = base == 0
                ? CompletableFuture.completedFuture(Topology.EMPTY)
                : read(snapshotKey(new Epoch(base)))
                        .thenApply(record ->
                                TopologyCodec.decode(record.orElseThrow(() -> missing("snapshot of epoch " + base))))
                        .toCompletableFuture();
        List<CompletableFuture<Optional<byte[]>>> records = new ArrayList<>();
        for (long next = base + 1; next <= epoch.value(); next++) {
            records.add(read(epochKey(new Epoch(next))).toCompletableFuture());
        }
        for (CompletableFuture<Optional<byte[]>> record : records) {
            topology = topology.thenCombine(record, (before, bytes) -> {
                EpochChange change = EpochCodec.decode(bytes.orElseThrow(
                        () -> missing("record of epoch " + before.epoch().next())));
                return TopologyState.evolve(before, change.events());
            });
        }
        return topology.thenApply(Loaded.Found::new);
    }

    private CompletionStage<Optional<byte[]>> read(byte[] key) {
        return access.read(PartitionId.META, List.of(key), ReadLevel.STRONG, deadline())
                .thenApply(answer -> {
                    if (answer instanceof ReadAnswer.Values values) {
                        return values.values().get(0).map(value -> value.bytes());
                    }
                    throw new IllegalStateException(refusal((ReadAnswer.Refused) answer));
                });
    }

    private static Written written(WriteAnswer answer) {
        if (answer instanceof WriteAnswer.Unknown unknown) {
            return new Written.Unknown(unknown.message());
        }
        if (answer instanceof WriteAnswer.Refused refused) {
            return new Written.Refused(
                    refused.refusal().reason().name(), refused.refusal().message());
        }
        try {
            Outcome outcome = Outcome.parseFrom(((WriteAnswer.Done) answer).outcome());
            return switch (outcome.getKindCase()) {
                case TRANSACTION ->
                    outcome.getTransaction().getSucceeded() ? new Written.Done() : new Written.HeadMoved();
                case REFUSED ->
                    new Written.Refused(
                            outcome.getRefused().getReason(),
                            outcome.getRefused().getMessage());
                default -> throw new IllegalStateException("a transaction was answered with " + outcome);
            };
        } catch (InvalidProtocolBufferException e) {
            return new Written.Unknown("the answer of _meta cannot be read: " + e.getMessage());
        }
    }

    private long deadline() {
        return System.nanoTime() + timeoutNanos;
    }

    private static CompletionStage<Loaded> done(Loaded loaded) {
        return CompletableFuture.completedFuture(loaded);
    }

    private static String refusal(ReadAnswer.Refused refused) {
        return refused.refusal().reason() + ": " + refused.refusal().message();
    }

    private static IllegalStateException missing(String what) {
        return new IllegalStateException("_meta has no " + what);
    }

    private static String describe(Throwable failure) {
        Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
        return String.valueOf(cause.getMessage() != null ? cause.getMessage() : cause);
    }

    private static TransactionWrite set(byte[] key, ByteString value) {
        return TransactionWrite.newBuilder()
                .setSet(SetOperation.newBuilder()
                        .setKey(ByteString.copyFrom(key))
                        .setValue(value))
                .build();
    }

    private static ByteString longBytes(long value) {
        return ByteString.copyFrom(
                ByteBuffer.allocate(Long.BYTES).putLong(value).flip());
    }

    static byte[] epochKey(Epoch epoch) {
        return String.format("epoch/%016x", epoch.value()).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] snapshotKey(Epoch epoch) {
        return String.format("snapshot/%016x", epoch.value()).getBytes(StandardCharsets.UTF_8);
    }
}

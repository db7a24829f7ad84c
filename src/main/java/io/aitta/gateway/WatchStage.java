package io.aitta.gateway;

import io.aitta.core.PartitionId;
import io.aitta.gateway.WatchService.Watched;
import io.aitta.partition.ChangeAccess;
import io.aitta.partition.ChangeAccess.Answer;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.proto.v1.WatchResponse;
import io.aitta.store.ReplicaStore.Changes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.SourceShape;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.TimerGraphStageLogic;

/**
 * One watch: the changes of its partitions, each partition's in their order, whoever has news first coming first.
 *
 * <p>It asks for changes only while its client wants more, one question for each partition. So a client that reads
 * slowly holds back nobody but itself, and what waits for it here is bounded: {@link #READ_AHEAD_BYTES} and what was on
 * its way when that much had come, which is as much again (or one log entry of each partition, where those are larger).
 */
final class WatchStage extends GraphStage<SourceShape<WatchResponse>> {
    static final int READ_AHEAD_BYTES = 256 << 10;
    private static final int LEAST_QUESTION_BYTES = 4 << 10;
    /** A token no larger than this goes with every event that is the last for the moment. */
    private static final int SMALL_TOKEN_BYTES = 512;

    private static final Duration TOKEN_INTERVAL = Duration.ofSeconds(1);

    private final Outlet<WatchResponse> out = Outlet.create("Watch.out");
    private final Watched watched;
    private final ChangeAccess changes;
    private final Function<Watched, Optional<Problem>> gone;

    /** @param gone what is wrong, if it is that the table is no more */
    WatchStage(Watched watched, ChangeAccess changes, Function<Watched, Optional<Problem>> gone) {
        this.watched = watched;
        this.changes = changes;
        this.gone = gone;
    }

    @Override
    public SourceShape<WatchResponse> shape() {
        return SourceShape.of(out);
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private static final class Slot {
        final PartitionId id;
        /** Everything up to here was sent. */
        long index;
        /** What is kept no more. */
        long oldestAfter;
        /** Null: no question is open. */
        ChangeAccess.Asked asked;
        /** Of the questions asked: answers to older ones are not wanted. */
        int question;
        /** Not sent yet. */
        Changes news;

        Slot(PartitionId id) {
            this.id = id;
        }
    }

    private record Arrival(Slot slot, int question, Answer answer) {}

    private final class Logic extends TimerGraphStageLogic {
        private final Slot[] slots;
        private final AsyncCallback<Arrival> arrivals = createAsyncCallback(this::arrived);
        /** In the order in which their news came. */
        private final ArrayDeque<Slot> ready = new ArrayDeque<>();

        private long readyBytes;
        /** Of one slot's news, what has not been sent; the last of them may carry the token. */
        private final ArrayDeque<WatchResponse> parts = new ArrayDeque<>();
        /** Slots that have yet to say where they stand. */
        private int unplaced;
        /** Something is asked for that is kept no more; unless the slots are still being asked where they stand. */
        private boolean expired;

        private boolean tokenOwed;
        private boolean tokenDue;
        private boolean tokenTimed;
        private long tokenNanos;

        Logic() {
            super(WatchStage.this.shape());
            slots = watched.partitions().stream().map(Slot::new).toArray(Slot[]::new);
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    goOn();
                }
            });
        }

        @Override
        public void preStart() {
            watched.from().ifPresent(token -> {
                for (var slot : slots) {
                    slot.index = token.indexes().get(slot.id.partition());
                }
            });
            askWhere();
        }

        @Override
        public void postStop() {
            for (var slot : slots) {
                withdraw(slot);
            }
        }

        // ---- asking ---------------------------------------------------------------------------------------------

        private void askWhere() {
            unplaced = slots.length;
            for (var slot : slots) {
                withdraw(slot);
                int question = ++slot.question;
                slot.asked = changes.where(slot.id, answer -> arrivals.invoke(new Arrival(slot, question, answer)));
            }
        }

        /** Of all that have nothing to send and are not being asked. */
        private void askChanges() {
            int maxBytes = Math.max(LEAST_QUESTION_BYTES, READ_AHEAD_BYTES / slots.length);
            for (var slot : slots) {
                if (readyBytes >= READ_AHEAD_BYTES) {
                    return;
                }
                if (slot.asked == null && slot.news == null) {
                    int question = ++slot.question;
                    slot.asked = changes.changes(
                            slot.id,
                            slot.index,
                            watched.span(),
                            maxBytes,
                            answer -> arrivals.invoke(new Arrival(slot, question, answer)));
                }
            }
        }

        private void withdraw(Slot slot) {
            if (slot.asked != null) {
                slot.asked.withdraw();
                slot.asked = null;
                slot.question++;
            }
        }

        private void arrived(Arrival arrival) {
            var slot = arrival.slot();
            if (slot.question != arrival.question()) {
                return;
            }
            slot.asked = null;
            if (arrival.answer() instanceof Answer.Refused refused) {
                fail(refused.refusal());
            } else if (arrival.answer() instanceof Answer.Kept kept) {
                if (unplaced > 0) {
                    placed(slot, kept);
                } else {
                    expired = true;
                    askWhere();
                }
            } else if (arrival.answer() instanceof Answer.Changed changed) {
                take(slot, changed.changes());
            }
        }

        // ---- beginning, and ending ------------------------------------------------------------------------------

        private void placed(Slot slot, Answer.Kept kept) {
            slot.oldestAfter = kept.oldestAfter();
            if (watched.from().isEmpty() && !expired) {
                slot.index = kept.index();
            }
            if (--unplaced > 0) {
                return;
            }
            for (var each : slots) {
                expired |= each.index < each.oldestAfter;
            }
            if (expired) {
                failStage(expiry().asException());
            } else {
                tokenDue = true;
                goOn();
            }
        }

        private Problem expiry() {
            var oldest = new TreeMap<Integer, Long>();
            for (var slot : slots) {
                oldest.put(slot.id.partition(), Math.max(slot.index, slot.oldestAfter));
            }
            var token = WatchService.token(watched, oldest).encode().toByteArray();
            return Problem.of(
                            ErrorReason.TOKEN_EXPIRED,
                            "some of the changes after this point are no longer kept; going on from oldest_token leaves"
                                    + " them out, reading the keys anew does not")
                    .with("oldest_token", Base64.getEncoder().encodeToString(token));
        }

        private void fail(Refusal refusal) {
            var problem =
                    refusal.reason() == Reason.PARTITION_NOT_FOUND ? gone.apply(watched) : Optional.<Problem>empty();
            failStage(problem.orElseGet(() -> Prepared.problem(refusal)).asException());
        }

        // ---- sending --------------------------------------------------------------------------------------------

        private void take(Slot slot, Changes news) {
            if (news.entries().isEmpty()) {
                slot.index = news.lookedAtTo();
                oweToken();
            } else {
                slot.news = news;
                ready.add(slot);
                readyBytes += bytes(news);
                if (readyBytes >= READ_AHEAD_BYTES) {
                    for (var other : slots) {
                        withdraw(other);
                    }
                }
            }
            if (isAvailable(out)) {
                goOn();
            }
        }

        private static long bytes(Changes news) {
            return news.entries().stream()
                    .mapToLong(entry -> entry.changes().getSerializedSize())
                    .sum();
        }

        /** Sends what there is, if the client wants any, and asks for more. */
        private void goOn() {
            if (unplaced > 0 || !isAvailable(out)) {
                return;
            }
            if (tokenDue && parts.isEmpty()) {
                push(out, withToken(WatchResponse.getDefaultInstance()));
                return;
            }
            if (parts.isEmpty() && !ready.isEmpty()) {
                begin(ready.poll());
            }
            if (parts.size() > 1) {
                push(out, parts.poll());
            } else if (parts.size() == 1) {
                oweToken();
                push(out, isTokenSensible() ? withToken(parts.poll()) : parts.poll());
            } else {
                askChanges();
            }
        }

        private void begin(Slot slot) {
            parts.addAll(WatchEvents.responses(slot.id.partition(), slot.news.entries()));
            slot.index = slot.news.lookedAtTo();
            readyBytes -= bytes(slot.news);
            slot.news = null;
        }

        private boolean isTokenSensible() {
            boolean isTime = System.nanoTime() - tokenNanos >= TOKEN_INTERVAL.toNanos();
            boolean isSmall = slots.length * Long.BYTES <= SMALL_TOKEN_BYTES;
            return isTime || isSmall && ready.isEmpty();
        }

        private WatchResponse withToken(WatchResponse response) {
            tokenOwed = false;
            tokenDue = false;
            tokenNanos = System.nanoTime();
            var indexes = new TreeMap<Integer, Long>();
            for (var slot : slots) {
                indexes.put(slot.id.partition(), slot.index);
            }
            return response.toBuilder()
                    .setToken(WatchService.token(watched, indexes).encode())
                    .build();
        }

        private void oweToken() {
            tokenOwed = true;
            if (!tokenTimed) {
                tokenTimed = true;
                scheduleOnce("token", TOKEN_INTERVAL);
            }
        }

        @Override
        public void onTimer(Object key) {
            tokenTimed = false;
            if (tokenOwed) {
                tokenDue = true;
                goOn();
            }
        }
    }
}

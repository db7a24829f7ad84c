package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.LogIndex;
import io.aitta.history.Answer;
import io.aitta.history.Operation;
import java.util.List;
import java.util.Optional;

/** A client that does one operation after the other, at a replica that it takes for the primary, and records them. */
final class SimClient {
    private static final long PATIENCE_NANOS = 200 * Plan.MS;

    private final Simulation world;
    private final String name;
    private final boolean isReader;
    /** The replica that answered last. */
    private SimReplica target;
    /** The value that the last read saw. */
    private Optional<String> seen = Optional.empty();
    /** The call that is waited for; -1: none. */
    private int waitingFor = -1;

    SimClient(Simulation world, String name, boolean isReader) {
        this.world = world;
        this.name = name;
        this.isReader = isReader;
    }

    void begin() {
        long most = isReader ? world.plan.readerPauseNanos : world.plan.writerPauseNanos;
        world.scheduler.after(world.random.nextLong(1, most + 1), () -> {
            if (world.troubled()) {
                ask(operation());
            }
        });
    }

    private Operation operation() {
        var key = "k" + world.random.nextInt(world.plan.keys);
        var value = world.freshValue();
        int dice = world.random.nextInt(24);
        if (dice < 8 || isReader) {
            return new Operation.Get(dice < 6 ? key : together());
        } else if (dice < 12) {
            return Operation.set(key, value);
        } else if (dice < 15) {
            return new Operation.Cas(key, seen, value);
        } else if (dice < 18) {
            return new Operation.Append(key, value);
        } else if (dice < 20) {
            return new Operation.Increment("count", 1);
        } else if (dice < 23) {
            return transaction(together(), together(), value);
        }
        return new Operation.Delete(key);
    }

    /** A key of those that may be in one transaction. */
    private String together() {
        return "{together}" + world.random.nextInt(3);
    }

    /** Exchanges what one key holds, and moves on another; or else adds to both. */
    private Operation transaction(String one, String other, String value) {
        return new Operation.Transaction(
                List.of(new Operation.Compare(one, seen)),
                List.of(Operation.set(one, value), new Operation.Delete(other), new Operation.Get(one)),
                List.of(new Operation.Append(one, value), new Operation.Append(other, value)));
    }

    private void ask(Operation operation) {
        if (target == null) {
            target = world.guessPrimary();
        }
        int call = world.history.invoke(name, operation);
        waitingFor = call;
        world.trace("%s calls #%s %s at %s", name, call, operation, target.id);
        var asked = target;
        if (operation instanceof Operation.Get get) {
            var read = new ReadCall(call, get.key(), world.safety.acknowledged());
            travel(() -> asked.read(read));
        } else {
            var write = new WriteCall(call, world.operations.add(operation, world.random.nextInt(60)));
            travel(() -> asked.write(write));
        }
        world.scheduler.after(
                PATIENCE_NANOS,
                () -> end(call, () -> {
                    world.history.unknown(call);
                    target = null;
                }));
    }

    private void travel(Runnable arrival) {
        if (!world.network.losesClientMessage()) {
            world.scheduler.after(world.network.delay(), arrival);
        }
    }

    /** Ends a call, unless it was given up, and goes on to the next. */
    private void end(int call, Runnable outcome) {
        if (waitingFor == call) {
            waitingFor = -1;
            outcome.run();
            begin();
        }
    }

    private void refused(int call) {
        travel(() -> end(call, () -> {
            world.history.fail(call);
            target = null;
        }));
    }

    private final class WriteCall implements Requests.Write {
        private final int call;
        private final byte[] batch;

        WriteCall(int call, byte[] batch) {
            this.call = call;
            this.batch = batch;
        }

        @Override
        public byte[] batch() {
            return batch;
        }

        @Override
        public void done(Answer answer, LogIndex index) {
            travel(() -> end(call, () -> {
                world.trace("%s learns #%s %s at %s", name, call, answer, index);
                world.history.ok(call, answer);
                world.safety.acknowledged(index);
            }));
        }

        @Override
        public void refused() {
            SimClient.this.refused(call);
        }
    }

    private final class ReadCall implements Requests.Read {
        private final int call;
        private final String key;
        private final LogIndex acknowledgedBefore;

        ReadCall(int call, String key, LogIndex acknowledgedBefore) {
            this.call = call;
            this.key = key;
            this.acknowledgedBefore = acknowledgedBefore;
        }

        @Override
        public String key() {
            return key;
        }

        @Override
        public void done(Optional<String> value, NodeId node, LogIndex applied) {
            world.trace("%s answers #%s %s as of %s", node, call, value, applied);
            if (world.checksReadsAtOnce()) {
                world.safety.read(node, applied, acknowledgedBefore);
            }
            travel(() -> end(call, () -> {
                seen = value;
                world.history.ok(call, new Answer.Value(value));
            }));
        }

        @Override
        public void refused() {
            SimClient.this.refused(call);
        }
    }
}

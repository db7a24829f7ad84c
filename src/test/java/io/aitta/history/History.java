package io.aitta.history;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Records what clients did and were told, for {@link Linearizability}. Thread-safe: {@link #invoke} is to be called before
 * a request leaves, the others after its answer came. Each call ends at most once; one that never ends is unknown.
 */
public final class History {
    private final LongSupplier nanos;
    private final List<Call> calls = new ArrayList<>();
    /** Calls that certainly had no effect stand here as true, by id. */
    private final List<Boolean> failed = new ArrayList<>();

    /** For clients in this process, on {@link System#nanoTime()}. */
    public History() {
        this(System::nanoTime);
    }

    /** @param nanos a clock common to all clients that never goes back */
    public History(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** @return the call's id */
    public synchronized int invoke(String process, Operation operation) {
        int id = calls.size();
        calls.add(new Call(id, process, operation, nanos.getAsLong(), Call.OPEN, null));
        failed.add(false);
        return id;
    }

    public synchronized void ok(int id, Answer answer) {
        var call = unended(id);
        calls.set(id, new Call(id, call.process(), call.operation(), call.invokedNanos(), nanos.getAsLong(), answer));
    }

    /** The operation certainly had no effect and never will. */
    public synchronized void fail(int id) {
        unended(id);
        failed.set(id, true);
    }

    /** The operation may have had its effect, or may still, or never will. */
    public synchronized void unknown(int id) {
        unended(id);
    }

    /** All calls but the failed ones, by their time of invocation. */
    public synchronized List<Call> calls() {
        var effective = new ArrayList<Call>();
        for (var call : calls) {
            if (!failed.get(call.id())) {
                effective.add(call);
            }
        }
        return effective;
    }

    private Call unended(int id) {
        var call = calls.get(id);
        if (!call.isOpen() || failed.get(id)) {
            throw new IllegalStateException("call ended twice: " + call);
        }
        return call;
    }
}

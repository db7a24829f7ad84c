package io.aitta.sim;

import java.util.PriorityQueue;

/** Virtual time, and the one order in which everything happens. Nobody but the scheduler knows the true time. */
final class Scheduler {
    private record Event(long atNanos, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNanos;
    private long scheduled;

    long now() {
        return nowNanos;
    }

    void after(long delayNanos, Runnable action) {
        events.add(new Event(nowNanos + Math.max(0, delayNanos), scheduled++, action));
    }

    /** Runs all that is to happen until {@code nanos}, and makes it that time. */
    void runUntil(long nanos) {
        while (!events.isEmpty() && events.peek().atNanos() <= nanos) {
            runNext();
        }
        nowNanos = nanos;
    }

    /** Runs what is to happen next, and makes it that time. */
    void runNext() {
        var event = events.remove();
        nowNanos = event.atNanos();
        event.action().run();
    }
}

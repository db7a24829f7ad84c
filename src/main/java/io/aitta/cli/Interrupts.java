package io.aitta.cli;

import org.jline.utils.Signals;

/**
 * While it is open, the first Ctrl-C tells a long command to end by itself, so that it can say what it has done so far; the
 * second one ends the process as ever.
 */
final class Interrupts implements AutoCloseable {
    private static final String SIGNAL = "INT";

    private final Object before;

    private Interrupts(Object before) {
        this.before = before;
    }

    /** @param stop called on a thread of the system's */
    static Interrupts tell(Runnable stop) {
        var before = new Object[1];
        before[0] = Signals.register(SIGNAL, () -> {
            Signals.unregister(SIGNAL, before[0]);
            stop.run();
        });
        return new Interrupts(before[0]);
    }

    @Override
    public void close() {
        Signals.unregister(SIGNAL, before);
    }
}

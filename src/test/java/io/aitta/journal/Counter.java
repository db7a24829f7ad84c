package io.aitta.journal;

import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;

/** An event-sourced actor whose state is the number of events it has seen. Its events are bare bytes. */
final class Counter extends EventSourcedBehavior<Counter.Command, byte[], Long> {
    sealed interface Command {}

    /** Answered with the state after the events are durable. */
    record Add(int events, int bytes, ActorRef<Long> replyTo) implements Command {}

    record Get(ActorRef<Long> replyTo) implements Command {}

    record Stop() implements Command {}

    private Counter(String id) {
        super(PersistenceId.ofUniqueId(id));
    }

    static Behavior<Command> of(String id) {
        return new Counter(id);
    }

    @Override
    public Long emptyState() {
        return 0L;
    }

    @Override
    public boolean shouldSnapshot(Long state, byte[] event, long sequenceNr) {
        return sequenceNr % 10 == 0;
    }

    @Override
    public CommandHandler<Command, byte[], Long> commandHandler() {
        return newCommandHandlerBuilder()
                .forAnyState()
                .onCommand(Add.class, (state, add) -> {
                    List<byte[]> events = new ArrayList<>();
                    for (int i = 0; i < add.events(); i++) {
                        events.add(new byte[add.bytes()]);
                    }
                    return Effect().persist(events).thenReply(add.replyTo(), now -> now);
                })
                .onCommand(Get.class, (state, get) -> Effect().reply(get.replyTo(), state))
                .onCommand(Stop.class, () -> Effect().stop())
                .build();
    }

    @Override
    public EventHandler<Long, byte[]> eventHandler() {
        return (state, event) -> state + 1;
    }
}

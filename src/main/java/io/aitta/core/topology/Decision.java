package io.aitta.core.topology;

import java.util.List;

/** What {@link TopologyState#decide} makes of a command. */
public sealed interface Decision {
    /** Nothing changes, and the asker is told why. */
    record Refused(Refusal refusal) implements Decision {}

    /** What happens in the next epoch; if there are no events, the topology is already so and no epoch is raised. */
    record Accepted(List<TopologyEvent> events) implements Decision {
        public Accepted {
            events = List.copyOf(events);
        }
    }

    static Decision accepted(TopologyEvent... events) {
        return new Accepted(List.of(events));
    }

    static Decision refused(Refusal.Reason reason, String message) {
        return new Refused(new Refusal(reason, message));
    }
}

package io.aitta.orchestrator;

import io.aitta.core.topology.EpochChange;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What became of the last requests for changes, by the ids that those who asked gave them. A request that is sent again,
 * because its answer was lost or its orchestrator died, is answered from here instead of being done twice: an epoch keeps
 * the id of the request that it was made for. Not thread-safe.
 */
final class RecentRequests {
    /** How many are remembered, and how many epochs are looked through for them. */
    static final int KEPT = 256;

    private final Map<String, OrchestratorReply> answers = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, OrchestratorReply> eldest) {
            return size() > KEPT;
        }
    };

    /** Names one attempt to make a change that nobody asked for by a request. */
    static String changeId() {
        return UUID.randomUUID().toString();
    }

    /** Names one attempt to do what a request asks for. Two orchestrators may try it for the same epoch. */
    static String changeId(String requestId) {
        return requestId + '/' + UUID.randomUUID();
    }

    /** The change is an epoch. */
    void landed(EpochChange change) {
        int end = change.changeId().indexOf('/');
        if (end > 0) {
            answered(
                    change.changeId().substring(0, end),
                    new OrchestratorReply.Done(change.epoch().value(), 0));
        }
    }

    /** @param answer a final one */
    void answered(String requestId, OrchestratorReply answer) {
        answers.put(requestId, answer);
    }

    void addAll(RecentRequests others) {
        answers.putAll(others.answers);
    }

    /** Empty if nothing is known of the request. */
    Optional<OrchestratorReply> answerTo(String requestId) {
        return Optional.ofNullable(answers.get(requestId));
    }
}

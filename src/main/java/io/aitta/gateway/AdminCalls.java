package io.aitta.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.aitta.config.LimitSettings;
import io.aitta.proto.v1.Admin;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.stream.KillSwitches;

/**
 * The methods of the Admin service that are asked and answered by one message, for another door than gRPC's: the same
 * checks, the same answers, the same reasons. Thread-safe.
 */
public final class AdminCalls {
    private final Map<String, Rpc<?>> rpcs;

    /** @param cluster done when the node has joined one; who asks before that waits */
    public AdminCalls(TopologySource topology, CompletionStage<ClusterAdmin> cluster, LimitSettings limits) {
        this.rpcs = AdminRpcs.of(topology, cluster, limits, KillSwitches.shared("admin-calls"));
    }

    /**
     * @param method as it is called in the service, such as {@code DrainNode}
     * @param request of the method's type; one that is described by the same descriptor will do
     * @param deadlineNanos on {@link System#nanoTime()}'s clock
     * @return fails with {@link CallRefused} if it was not done; never throws
     * @throws IllegalArgumentException if there is no such method, or it answers by a stream
     */
    public CompletionStage<Message> call(String method, Message request, long deadlineNanos) {
        if (!(rpcs.get("/" + Admin.name + "/" + method) instanceof Rpc.Unary<?, ?> unary)) {
            throw new IllegalArgumentException("Admin has no method '" + method + "' that answers by one message");
        }
        return answered(unary, request, Call.inside(deadlineNanos));
    }

    private static <Q extends Message> CompletionStage<Message> answered(
            Rpc.Unary<Q, ?> rpc, Message request, Call call) {
        CompletionStage<? extends Message> answer;
        try {
            answer = rpc.method().answer(rpc.parser().parseFrom(request.toByteString()), call);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(
                    "a " + request.getDescriptorForType().getFullName() + " is not asked", e);
        } catch (RuntimeException refused) {
            return CompletableFuture.failedFuture(CallRefused.of(refused));
        }
        return answer.<CompletionStage<Message>>handle((message, failure) -> failure == null
                        ? CompletableFuture.completedFuture(message)
                        : CompletableFuture.failedFuture(CallRefused.of(failure)))
                .thenCompose(result -> result);
    }
}

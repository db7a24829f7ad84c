package io.aitta.gateway;

import com.google.protobuf.Message;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A cluster that answers as a test says, by the name of the method; what it says nothing of is done, and empty. */
final class FakeAdmin {
    private final Map<String, Function<Message, Answer<?>>> answers = new ConcurrentHashMap<>();
    /** What was handed over, the last of each method. */
    final Map<String, Message> asked = new ConcurrentHashMap<>();

    final ClusterAdmin cluster = new ClusterAdmin(
            fake(TableAdmin.class),
            fake(NodeAdmin.class),
            fake(ReplicaAdmin.class),
            fake(TopologyHistory.class),
            fake(InfoAdmin.class),
            fake(CheckAdmin.class));

    @SuppressWarnings("unchecked")
    <Q extends Message> void on(String method, Function<Q, Answer<?>> answer) {
        answers.put(method, request -> answer.apply((Q) request));
    }

    private <T> T fake(Class<T> admin) {
        return admin.cast(
                Proxy.newProxyInstance(admin.getClassLoader(), new Class<?>[] {admin}, (proxy, method, given) -> {
                    var request = (Message) given[0];
                    asked.put(method.getName(), request);
                    var answer = answers.get(method.getName());
                    return CompletableFuture.completedFuture(
                            answer != null ? answer.apply(request) : new Answer.Done<>(empty(method)));
                }));
    }

    /** The default instance of {@code R}, where the method gives {@code CompletionStage<Answer<R>>}. */
    private static Object empty(java.lang.reflect.Method method) throws ReflectiveOperationException {
        var answer = ((java.lang.reflect.ParameterizedType) method.getGenericReturnType()).getActualTypeArguments()[0];
        var response = (Class<?>) ((java.lang.reflect.ParameterizedType) answer).getActualTypeArguments()[0];
        return response.getMethod("getDefaultInstance").invoke(null);
    }
}

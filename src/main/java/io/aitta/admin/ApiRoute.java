package io.aitta.admin;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that can be asked under {@code /aitta/v1}: all that the door and the OpenAPI document need to know of it. What
 * it is asked with is a message: variables of the path, parameters of the query (GET) and members of the JSON body (POST,
 * PUT) are its fields. What it answers is a message too.
 *
 * @param method GET, POST or PUT
 * @param path below {@code /aitta/v1}, such as {@code /nodes/{node}/drain}; what is in braces are fields of the request
 * @param name unique, such as {@code DrainNode}; that of the method of the Admin service if it is one
 * @param need what the caller must be allowed to
 * @param request an empty one
 * @param response an empty one
 * @param summary what it does: a sentence, for people
 */
public record ApiRoute(
        Method method,
        String path,
        String name,
        HttpGuard.Need need,
        Message request,
        Message response,
        String summary,
        Handler<Message> handler) {
    private static final Pattern VARIABLE = Pattern.compile("\\{([a-z_]+)}");

    public enum Method {
        GET,
        POST,
        PUT
    }

    /** Answers requests. Never blocks; may throw, or fail its stage, with what the door makes an error of. */
    @FunctionalInterface
    public interface Handler<Q extends Message> {
        /**
         * @param request of the route's type
         * @param deadlineNanos on {@link System#nanoTime()}'s clock
         * @return a message of the route's response type
         */
        CompletionStage<? extends Message> answer(Q request, long deadlineNanos);
    }

    public ApiRoute {
        if (!path.startsWith("/") || path.endsWith("/")) {
            throw new IllegalArgumentException("a path begins with / and does not end with one: " + path);
        }
        for (String variable : variables(path)) {
            FieldDescriptor field = request.getDescriptorForType().findFieldByName(variable);
            if (field == null || field.isRepeated() || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                throw new IllegalArgumentException(path + ": " + variable + " is no single field of "
                        + request.getDescriptorForType().getFullName());
            }
        }
    }

    /** A question. */
    public static <Q extends Message> ApiRoute get(
            String path, String name, Q request, Message response, String summary, Handler<Q> handler) {
        return of(Method.GET, path, name, HttpGuard.Need.READ, request, response, summary, handler);
    }

    /** An order. */
    public static <Q extends Message> ApiRoute post(
            String path, String name, Q request, Message response, String summary, Handler<Q> handler) {
        return of(Method.POST, path, name, HttpGuard.Need.CHANGE, request, response, summary, handler);
    }

    /** An order that says how something is to be from now on. */
    public static <Q extends Message> ApiRoute put(
            String path, String name, Q request, Message response, String summary, Handler<Q> handler) {
        return of(Method.PUT, path, name, HttpGuard.Need.CHANGE, request, response, summary, handler);
    }

    /** What the handler is given was built from {@code request}, so it is of its type. */
    @SuppressWarnings("unchecked")
    private static <Q extends Message> ApiRoute of(
            Method method,
            String path,
            String name,
            HttpGuard.Need need,
            Q request,
            Message response,
            String summary,
            Handler<Q> handler) {
        return new ApiRoute(
                method,
                path,
                name,
                need,
                request,
                response,
                summary,
                (message, deadlineNanos) -> handler.answer((Q) message, deadlineNanos));
    }

    public ApiRoute needing(HttpGuard.Need other) {
        return new ApiRoute(method, path, name, other, request, response, summary, handler);
    }

    /** The fields of the request that the path says, in its order. */
    List<String> variables() {
        return variables(path);
    }

    private static List<String> variables(String path) {
        return VARIABLE.matcher(path).results().map(found -> found.group(1)).toList();
    }

    /**
     * @param segments of a path below {@code /aitta/v1}, decoded
     * @return what the variables stand for, in their order; empty if the path is another one
     */
    Optional<List<String>> match(List<String> segments) {
        String[] own = path.substring(1).split("/");
        if (own.length != segments.size()) {
            return Optional.empty();
        }
        var values = new ArrayList<String>();
        for (int i = 0; i < own.length; i++) {
            Matcher variable = VARIABLE.matcher(own[i]);
            if (variable.matches()) {
                values.add(segments.get(i));
            } else if (!own[i].equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }
}

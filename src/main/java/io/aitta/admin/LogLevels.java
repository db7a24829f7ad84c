package io.aitta.admin;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import com.google.rpc.Code;
import io.aitta.proto.v1.GetLoggerRequest;
import io.aitta.proto.v1.ListLoggersRequest;
import io.aitta.proto.v1.ListLoggersResponse;
import io.aitta.proto.v1.LoggerLevel;
import io.aitta.proto.v1.SetLoggerRequest;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/** What this node logs, and how to change it while it runs. What is changed holds until the process ends. Thread-safe. */
public final class LogLevels {
    private static final List<String> LEVELS = List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*(\\.[A-Za-z0-9_$]+)*");
    private static final int MAX_NAME = 200;
    /** Loggers are never forgotten again. */
    private static final int MAX_LOGGERS = 20_000;

    private LogLevels() {}

    public static List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get(
                        "/loggers",
                        "ListLoggers",
                        ListLoggersRequest.getDefaultInstance(),
                        ListLoggersResponse.getDefaultInstance(),
                        "All loggers of this node with their levels.",
                        (request, deadlineNanos) -> list()),
                ApiRoute.get(
                        "/loggers/{name}",
                        "GetLogger",
                        GetLoggerRequest.getDefaultInstance(),
                        LoggerLevel.getDefaultInstance(),
                        "One logger of this node with its level.",
                        (request, deadlineNanos) -> get(request.getName())),
                ApiRoute.put(
                        "/loggers/{name}",
                        "SetLogger",
                        SetLoggerRequest.getDefaultInstance(),
                        LoggerLevel.getDefaultInstance(),
                        "Changes the level of a logger of this node, until its process ends.",
                        (request, deadlineNanos) -> set(request.getName(), request.getLevel())));
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static CompletionStage<ListLoggersResponse> list() {
        return CompletableFuture.completedFuture(ListLoggersResponse.newBuilder()
                .addAllLoggers(context().getLoggerList().stream()
                        .sorted(Comparator.comparing(Logger::getName))
                        .map(LogLevels::shown)
                        .toList())
                .build());
    }

    private static CompletionStage<LoggerLevel> get(String name) {
        Logger logger = context().exists(checked(name));
        if (logger == null) {
            throw ApiProblem.inField(
                    Code.NOT_FOUND,
                    "LOGGER_NOT_FOUND",
                    "name",
                    "nothing has logged as " + name + " yet; a level may be set all the same");
        }
        return CompletableFuture.completedFuture(shown(logger));
    }

    private static CompletionStage<LoggerLevel> set(String name, String level) {
        boolean isNew = context().exists(checked(name)) == null;
        if (isNew && context().getLoggerList().size() >= MAX_LOGGERS) {
            throw ApiProblem.of(
                    Code.RESOURCE_EXHAUSTED, "TOO_MANY_LOGGERS", "there are " + MAX_LOGGERS + " loggers already");
        }
        boolean isRoot = name.equalsIgnoreCase(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (!LEVELS.contains(level) && (isRoot || !level.isEmpty())) {
            throw ApiProblem.inField(
                    Code.INVALID_ARGUMENT,
                    "BAD_LEVEL",
                    "level",
                    "it must be one of " + String.join(", ", LEVELS)
                            + (isRoot ? "" : ", or empty: as the logger above it"));
        }
        Logger logger = context().getLogger(name);
        logger.setLevel(level.isEmpty() ? null : Level.toLevel(level));
        return CompletableFuture.completedFuture(shown(logger));
    }

    private static String checked(String name) {
        if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            throw ApiProblem.inField(
                    Code.INVALID_ARGUMENT,
                    "BAD_LOGGER_NAME",
                    "name",
                    "a logger is called as a class or a package, such as io.aitta.journal, or ROOT");
        }
        return name;
    }

    private static LoggerLevel shown(Logger logger) {
        return LoggerLevel.newBuilder()
                .setName(logger.getName())
                .setLevel(logger.getEffectiveLevel().toString())
                .setInherited(logger.getLevel() == null)
                .build();
    }
}

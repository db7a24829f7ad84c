package io.aitta.admin;

import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * Says who may do what by HTTP: asked once for every request, before anything else is done with it. Thread-safe; never
 * blocks.
 */
public interface HttpGuard {
    /** What a request needs its caller to be allowed to. */
    enum Need {
        /** Nothing: health, which whoever starts and stops nodes asks without a token; pages that tell nothing. */
        NOTHING,
        /** To look at the cluster: topology, settings, metrics. */
        READ,
        /** To see keys and values of a table. */
        READ_DATA,
        /** To see what has parts of keys of any table in it: for administrators of all tables. */
        READ_AS_ADMIN,
        /** To change the cluster, or this node. */
        CHANGE
    }

    /**
     * What is asked for.
     *
     * @param action what it is called in the audit log, such as {@code DrainNode}; a path where there is no such name
     * @param table that it is about, if it is about one
     */
    record Wanted(Need need, String action, Optional<String> table) {}

    /**
     * Why not.
     *
     * @param status 401 if a token might help, 403 if not
     * @param reason stable, for programs
     * @param message a sentence, for people
     */
    record Refusal(int status, String reason, String message) {}

    /**
     * What became of the question.
     *
     * @param who asks, for the audit log; {@link #NOBODY_KNOWS} also where nobody had to know
     * @param refusal empty: it may
     */
    record Verdict(String who, Optional<Refusal> refusal) {
        static Verdict admitted(String who) {
            return new Verdict(who, Optional.empty());
        }

        static Verdict refused(String who, Refusal why) {
            return new Verdict(who, Optional.of(why));
        }
    }

    String NOBODY_KNOWS = "-";

    /** @param request without its body; the caller's address is its attribute {@code remoteAddress} */
    Verdict judge(HttpRequest request, Wanted wanted);
}

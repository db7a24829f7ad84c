package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.Acknowledgement;
import io.aitta.client.AittaTable;
import java.util.List;
import picocli.CommandLine.Option;

/** What all commands share that write keys: when a write is answered, and what can be said of one that may be lost. */
final class WriteMixin {
    /** The words of the option. */
    static final class Moments extends ListOfWords {
        Moments() {
            super(List.of("quorum", "fast"));
        }
    }

    @Option(
            names = "--ack",
            paramLabel = "WHEN",
            completionCandidates = Moments.class,
            description =
                    "When the write is answered: quorum (on disk on a majority; the default) or fast (the primary "
                            + "has ordered it: the write MAY BE LOST if the primary dies at that moment, and what came of it "
                            + "is not told).")
    private String acknowledgement;

    AittaTable over(AittaTable table) {
        return table.withAcknowledgement(isFast() ? Acknowledgement.FAST : Acknowledgement.QUORUM);
    }

    /** Whether what came of the write is not known. */
    boolean isFast() {
        if (acknowledgement == null || acknowledgement.equals("quorum")) {
            return false;
        }
        if (acknowledgement.equals("fast")) {
            return true;
        }
        throw CommandFailed.badInput("--ack is quorum or fast, not " + Values.quoted(acknowledgement));
    }

    /** Prints what can be said of a fast write: that it is under way. */
    int sent(ClusterCommand command, ObjectNode json) {
        return command.answer("SENT", json.put("sent", true));
    }
}

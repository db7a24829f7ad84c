package io.aitta.cli;

import static io.aitta.cli.Replies.move;
import static io.aitta.cli.Replies.moves;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.MigrationPhase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MovesProgressTest {
    private static final String CLEAR = "\u001b[J\u001b[?7l";
    private static final String END = "\u001b[?7h";

    private static final ListMigrationsResponse FIRST = moves(
            move(1, "n1", "n4", MigrationPhase.DONE, 100),
            move(2, "n1", "n4", MigrationPhase.COPYING, 50)
                    .setCopiedBytes(2_000_000)
                    .setCopyBytes(10_000_000));
    private static final ListMigrationsResponse SECOND =
            moves(move(2, "n1", "n4", MigrationPhase.COPYING, 51).setLag(12));
    private static final ListMigrationsResponse LAST = moves(move(2, "n1", "n4", MigrationPhase.DONE, 100));

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final PrintStream to = new PrintStream(screen, true, StandardCharsets.UTF_8);

    private String shown() {
        String text = screen.toString(StandardCharsets.UTF_8);
        screen.reset();
        return text;
    }

    @Test
    void awayFromATerminalEachNewsIsALine() {
        var progress = new MovesProgress(to, false);
        progress.tell("1 left", FIRST);
        assertThat(shown())
                .as("what had ended before is no news")
                .isEqualTo(
                        """
                move 2: users/3 n1 -> n4 (drain) copying, 50 %, 1.9 MiB of 9.5 MiB
                1 left
                """);
        progress.tell("1 left", SECOND);
        assertThat(shown()).as("a percent is no news").isEmpty();
        progress.tell("0 left", LAST);
        assertThat(shown())
                .isEqualTo(
                        """
                move 2: users/3 n1 -> n4 (drain) done after 1m5s
                0 left
                """);
    }

    @Test
    void atATerminalWhatWasThereIsPaintedOverAndWhatHasEndedStays() {
        var progress = new MovesProgress(to, true);
        progress.tell("1 left", FIRST);
        assertThat(shown())
                .isEqualTo("\r" + CLEAR + "1 left\n" //
                        + "ID  PARTITION  MOVE      CAUSE  PHASE    DONE                     LAG  COPIED\n"
                        + " 2  users/3    n1 -> n4  drain  copying  [========        ] 50 %    0  1.9 MiB of 9.5 MiB\n"
                        + END);
        progress.tell("1 left", SECOND);
        assertThat(shown())
                .isEqualTo("\u001b[3A\r" + CLEAR + "1 left\n"
                        + "ID  PARTITION  MOVE      CAUSE  PHASE    DONE                     LAG  COPIED\n"
                        + " 2  users/3    n1 -> n4  drain  copying  [========        ] 51 %   12  -\n"
                        + END);
        progress.tell("0 left", LAST);
        assertThat(shown())
                .isEqualTo("\u001b[3A\r" + CLEAR + "move 2: users/3 n1 -> n4 (drain) done after 1m5s\n0 left\n" + END);
        progress.tell("0 left", LAST);
        assertThat(shown()).isEqualTo("\u001b[1A\r" + CLEAR + "0 left\n" + END);
    }

    @Test
    void theBlockIsNeverHigherThanASmallTerminal() {
        var progress = new MovesProgress(to, true);
        progress.tell(
                "100 left",
                moves(IntStream.rangeClosed(1, 100)
                        .mapToObj(i -> move(i, "n1", "n4", MigrationPhase.WAITING, 0))
                        .toArray(Migration.Builder[]::new)));
        assertThat(shown().lines().toList()).hasSizeLessThan(24).contains("and 84 more");
    }
}

package io.aitta.core.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BrokenLinksTest {
    private static final Comparator<Integer> AGE = Comparator.naturalOrder();

    @Test
    void withoutFindingsNobodyIsGivenUp() {
        assertThat(BrokenLinks.<Integer>none().without(List.of(1, 2, 3), AGE)).isEmpty();
    }

    @Test
    void aNodeThatAllMissIsGivenUp() {
        assertThat(links(1, 3, 2, 3).without(List.of(1, 2, 3), AGE)).containsExactly(3);
    }

    @Test
    void ofTwoThatCannotReachEachOtherTheYoungerIsGivenUpWhoeverTheThirdIs() {
        assertThat(links(2, 3, 3, 2).without(List.of(1, 2, 3), AGE)).containsExactly(3);
        assertThat(links(1, 3, 3, 1).without(List.of(1, 2, 3), AGE)).containsExactly(3);
        assertThat(links(1, 2, 2, 1).without(List.of(1, 2, 3), AGE)).containsExactly(2);
    }

    @Test
    void whatANodeHasFoundThatIsGivenUpDoesNotCount() {
        // 1 was paused and has missed everybody since; they have missed it.
        assertThat(links(1, 2, 1, 3, 2, 1, 3, 1).without(List.of(1, 2, 3), AGE)).containsExactly(1);
        // 4 has been removed.
        assertThat(links(4, 2).without(List.of(1, 2, 3), AGE)).isEmpty();
    }

    @Test
    void whoIsAloneMissesAllOthers() {
        assertThat(links(1, 2, 1, 3).without(List.of(1, 2, 3), AGE)).containsExactlyInAnyOrder(2, 3);
    }

    @Test
    void twoPartsEachMissTheOther() {
        var majority = links(1, 4, 1, 5, 2, 4, 2, 5, 3, 4, 3, 5);
        assertThat(majority.without(List.of(1, 2, 3, 4, 5), AGE)).containsExactlyInAnyOrder(4, 5);
    }

    /** Random findings of up to nine nodes: who remain reach each other, and all come to the same. */
    @Test
    void whoRemainReachEachOther() {
        for (long seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            int count = 1 + random.nextInt(9);
            var members = new ArrayList<>(IntStream.range(0, count).boxed().toList());
            var builder = new BrokenLinks.Builder<Integer>();
            for (int i = random.nextInt(12); i > 0; i--) {
                int observer = random.nextInt(count);
                int subject = random.nextInt(count);
                if (observer != subject) {
                    builder.add(observer, subject);
                }
            }
            var links = builder.build();
            var without = links.without(members, AGE);
            for (int node : members) {
                if (!without.contains(node)) {
                    var missedBy = new ArrayList<>(links.observers().getOrDefault(node, Set.of()));
                    assertThat(without).as("seed %d, node %d", seed, node).containsAll(missedBy);
                }
            }
            Collections.shuffle(members, random);
            assertThat(links.without(members, AGE)).as("seed %d", seed).isEqualTo(without);
        }
    }

    @Test
    void whereEverybodyWatchesAllANodeBelievesItselfAlone() {
        var links = links(1, 2, 2, 1);
        var members = List.of(1, 2, 3);
        assertThat(links.areCut(1, 2, members, 9)).isTrue();
        assertThat(links.areCut(3, 2, members, 9)).as("the third reaches both").isFalse();
        assertThat(links.areCut(3, 1, members, 9)).isFalse();
    }

    @Test
    void nobodyIsCutOffFromItselfWhateverOthersSay() {
        assertThat(links(2, 1, 3, 1).areCut(1, 1, List.of(1, 2, 3), 9)).isFalse();
        assertThat(links(2, 1, 3, 1).areCut(1, 1, List.of(1, 2, 3), 2)).isFalse();
    }

    @Test
    void whereItDoesNotWatchAllItBelievesMostOfThoseWhoWatch() {
        var members = IntStream.rangeClosed(1, 12).boxed().toList();
        assertThat(links(2, 9, 3, 9, 4, 9, 5, 9).areCut(1, 9, members, 9)).isFalse();
        assertThat(links(2, 9, 3, 9, 4, 9, 5, 9, 6, 9).areCut(1, 9, members, 9)).isTrue();
    }

    /** Six of eleven die at once; 1 was the only one that did not watch 11. */
    @Test
    void watchersThatAreMissedThemselvesAreNotWaitedFor() {
        var members = IntStream.rangeClosed(1, 11).boxed().toList();
        var builder = new BrokenLinks.Builder<Integer>();
        for (int alive = 2; alive <= 5; alive++) {
            for (int dead = 6; dead <= 11; dead++) {
                builder.add(alive, dead);
            }
        }
        assertThat(builder.build().areCut(1, 11, members, 9)).isTrue();
        assertThat(builder.build().areCut(1, 2, members, 9)).isFalse();
    }

    @Test
    void theWordOfThoseWhoAreNoMembersAnyMoreDoesNotCount() {
        var members = IntStream.rangeClosed(1, 11).boxed().toList();
        assertThat(links(21, 9, 22, 9, 23, 9, 24, 9, 25, 9).areCut(1, 9, members, 9))
                .isFalse();
    }

    /** @param pairs who, and whom they cannot reach */
    private static BrokenLinks<Integer> links(int... pairs) {
        var builder = new BrokenLinks.Builder<Integer>();
        for (int i = 0; i < pairs.length; i += 2) {
            builder.add(pairs[i], pairs[i + 1]);
        }
        return builder.build();
    }
}

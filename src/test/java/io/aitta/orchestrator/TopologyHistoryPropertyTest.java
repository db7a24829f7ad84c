package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Whatever is asked of a topology in whatever order, it stays whole, and what is written of it is what it is. */
class TopologyHistoryPropertyTest {
    private static final TopologyCommand.TableDefaults DEFAULTS = new TopologyCommand.TableDefaults(2, 3);

    @Property(tries = 300)
    void whateverIsAskedItStaysWholeAndIsWrittenAsItIs(@ForAll @Size(min = 1, max = 80) List<Long> seeds) {
        Topology topology = founded();
        for (long seed : seeds) {
            topology = stepped(topology, RandomCommands.next(seed, topology), new HashSet<>(), new HashSet<>());
        }
    }

    @Test
    void theCommandsTriedAreOfAllKindsAndSoIsWhatFollows() {
        var random = new Random(1);
        var accepted = new HashSet<Class<?>>();
        var happened = new HashSet<Class<?>>();
        for (int run = 0; run < 30; run++) {
            Topology topology = founded();
            for (int step = 0; step < 100; step++) {
                topology = stepped(topology, RandomCommands.next(random.nextLong(), topology), accepted, happened);
            }
        }
        accepted.add(TopologyCommand.FoundCluster.class);
        happened.add(TopologyEvent.ClusterFounded.class);
        assertThat(accepted).containsExactlyInAnyOrder(TopologyCommand.class.getPermittedSubclasses());
        assertThat(happened).containsExactlyInAnyOrder(TopologyEvent.class.getPermittedSubclasses());
    }

    private static Topology stepped(
            Topology before, TopologyCommand command, Set<Class<?>> accepted, Set<Class<?>> happened) {
        byte[] bytes = TopologyCodec.encode(before);
        Decision decision = TopologyState.decide(before, command);
        assertThat(TopologyCodec.encode(before)).as("deciding changes nothing").isEqualTo(bytes);
        if (decision instanceof Decision.Refused refused) {
            assertThat(refused.refusal().message()).as("%s", command).isNotBlank();
            return before;
        }
        List<TopologyEvent> events = ((Decision.Accepted) decision).events();
        if (events.isEmpty()) {
            return before;
        }
        accepted.add(command.getClass());
        events.forEach(event -> happened.add(event.getClass()));
        Topology after = TopologyState.evolve(before, events);
        assertThat(after.epoch()).isEqualTo(before.epoch().next());
        assertThat(after).as("%s changes something", command).isNotEqualTo(evolvedByNothing(before));
        check(after);

        var change = new EpochChange(after.epoch(), 1, "id", events);
        EpochChange read = EpochCodec.decode(EpochCodec.encode(change));
        assertThat(read).isEqualTo(change);
        assertThat(TopologyState.evolve(before, read.events())).isEqualTo(after);
        assertThat(TopologyCodec.decode(TopologyCodec.encode(after))).isEqualTo(after);
        return after;
    }

    private static Topology evolvedByNothing(Topology topology) {
        return TopologyState.evolve(topology, List.of());
    }

    /** What a topology does not check itself. */
    private static void check(Topology topology) {
        for (PartitionInfo partition : topology.partitions()) {
            assertThat(partition.voters()).as("voters of %s", partition).isNotEmpty();
            partition.primary().ifPresent(primary -> assertThat(partition.isHeldBy(primary.node()))
                    .as("a replica is primary of %s", partition)
                    .isTrue());
            assertThat(partition.founders()).allMatch(partition::isHeldBy);
        }
        for (NodeInfo node : topology.nodes()) {
            node.orders().replacedBy().ifPresent(replacement -> assertThat(topology.node(replacement))
                    .isPresent());
            assertThat(topology.removed())
                    .noneMatch(removed -> removed.incarnation().equals(node.incarnation()));
        }
        assertThat(topology.nodes()).isNotEmpty();
        assertThat(topology.table("_meta")).isPresent();
        assertThat(topology.table("_meta").orElseThrow().balanceDue()).isFalse();
    }

    private static Topology founded() {
        var nodes = new ArrayList<NodeInfo>();
        for (int number = 0; number < 5; number++) {
            nodes.add(NodeInfo.told(new NodeId("n" + number), "i-n" + number + "0", "h", 1, 2, 3, "a", 1));
        }
        List<NodeId> ids = nodes.stream().map(NodeInfo::id).toList();
        var first = new TopologyCommand.CreateTable(
                "t0", OptionalInt.empty(), OptionalInt.empty(), TableOptions.DEFAULT, DEFAULTS, Set.copyOf(ids));
        var found = new TopologyCommand.FoundCluster("c", nodes, ids.subList(0, 3), 3, first);
        var events = ((Decision.Accepted) TopologyState.decide(Topology.EMPTY, found)).events();
        return TopologyState.evolve(Topology.EMPTY, events);
    }
}

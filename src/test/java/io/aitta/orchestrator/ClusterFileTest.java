package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.KnownCluster.MetaMember;
import io.aitta.core.topology.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFileTest {
    private static final KnownCluster CLUSTER = new KnownCluster(
            "c1", List.of(new MetaMember(new NodeId("n1"), "i1"), new MetaMember(new NodeId("n2"), "i2")));

    @TempDir
    Path dataDir;

    @Test
    void anEmptyDirectoryKnowsNothing() {
        assertThat(new ClusterFile(dataDir).known()).isEmpty();
        assertThat(new ClusterFile(dataDir).cachedTopology()).isEmpty();
    }

    @Test
    void whatIsRememberedIsThereInTheNextLife() {
        new ClusterFile(dataDir).remember(CLUSTER);
        assertThat(new ClusterFile(dataDir).known()).contains(CLUSTER);
        assertThat(CLUSTER.metaMembers()).containsExactly(new NodeId("n1"), new NodeId("n2"));
        assertThat(dataDir).isDirectoryNotContaining(file -> file.toString().endsWith(".new"));
    }

    @Test
    void theFileHasTheseBytes() throws IOException {
        new ClusterFile(dataDir).remember(CLUSTER);
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(dataDir.resolve("cluster.bin"))))
                .isEqualTo("0ccc7e5a0801120263311a080a026e31120269311a080a026e3212026932");
    }

    @Test
    void itsMetaMembersMayChangeButNeverTheCluster() {
        var file = new ClusterFile(dataDir);
        file.remember(CLUSTER);
        var grown = new KnownCluster("c1", List.of(new MetaMember(new NodeId("n3"), "i3")));
        file.remember(grown);
        assertThat(file.known()).contains(grown);
        assertThatThrownBy(() -> file.remember(new KnownCluster("c2", grown.meta())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("c1")
                .hasMessageContaining("c2");
    }

    @Test
    void membersThatCameLaterAreKeptWithTheEpochInWhichTheyWereLearned() throws IOException {
        var file = new ClusterFile(dataDir);
        file.remember(CLUSTER);
        var moved = new KnownCluster(
                "c1",
                new Epoch(7),
                List.of(new MetaMember(new NodeId("n2"), "i2", true), new MetaMember(new NodeId("n3"), "i3", false)));
        file.remember(moved);
        assertThat(file.known()).contains(moved);
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(dataDir.resolve("cluster.bin"))))
                .endsWith("0802120263311a080a026e32120269321a0a0a026e33120269331801" + "2007");
    }

    @Test
    void aDamagedClusterFileIsNotTakenForNone() throws IOException {
        var file = new ClusterFile(dataDir);
        file.remember(CLUSTER);
        byte[] bytes = Files.readAllBytes(dataDir.resolve("cluster.bin"));
        bytes[bytes.length - 1] ^= 1;
        Files.write(dataDir.resolve("cluster.bin"), bytes);
        assertThatThrownBy(file::known)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("checksum");
        Files.write(dataDir.resolve("cluster.bin"), new byte[2]);
        assertThatThrownBy(file::known)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("2 bytes");
    }

    @Test
    void aDamagedTopologyIsNoHeadStart() throws IOException {
        var file = new ClusterFile(dataDir);
        var topology = new Topology(new Epoch(4), "c1", List.of(), Map.of());
        file.cacheTopology(topology);
        assertThat(file.cachedTopology()).contains(topology);
        Files.write(dataDir.resolve("topology.bin"), new byte[] {1, 2, 3, 4, 5, 6});
        assertThat(file.cachedTopology()).isEmpty();
    }
}

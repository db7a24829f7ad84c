package io.aitta.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.backup.FakeCluster.Held;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Whatever is written and however it is backed up, what is restored is what there was. */
class BackupPropertyTest {
    /** Of a history that are restored, about: each takes a database for each partition. */
    private static final int MOMENTS = 5;

    private Path root;
    private final FakeCluster cluster = new FakeCluster();

    /** What a test does, one after the other. */
    private record Deed(int kind, ByteString key, ByteString other, long life) {}

    @BeforeTry
    void makeDirectory() throws IOException {
        root = Files.createTempDirectory("aitta-backup");
        cluster.make("t", 3);
    }

    @AfterTry
    void removeDirectory() throws IOException {
        new BackupDirectory(root).discard(root);
    }

    @Provide
    Arbitrary<List<Deed>> deeds() {
        var keys = Arbitraries.bytes()
                .between((byte) -2, (byte) 2)
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(2);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 11),
                        keys.map(ByteString::copyFrom),
                        keys.map(ByteString::copyFrom),
                        Arbitraries.longs().between(0, 40))
                .as(Deed::new)
                .list()
                .ofMaxSize(50);
    }

    @Property(tries = 40)
    void everyBackupAndEveryMomentBetweenIsRestoredAsItWas(
            @ForAll("deeds") List<Deed> deeds, @ForAll("counts") int partitions) throws IOException {
        // By the cluster's time, after which write the table held what.
        var moments = new TreeMap<Long, Map<ByteString, Held>>();
        var backups = new ArrayList<Map<ByteString, Held>>();
        var madeAt = new ArrayList<Long>();
        var gaps = new ArrayList<Long>();
        moments.put(cluster.nowMillis, Map.of());
        for (Deed deed : deeds) {
            if (deed.kind() == 0) {
                backups.add(cluster.content("t", 0));
                madeAt.add(backup());
            } else if (deed.kind() == 1) {
                cluster.forgetChanges("t");
                gaps.add(cluster.nowMillis);
            } else {
                write(deed);
                moments.put(cluster.nowMillis, cluster.content("t", 0));
            }
        }
        if (backups.isEmpty()) {
            return;
        }
        assertThat(new BackupVerify(new BackupDirectory(root), bytes -> {})
                        .run()
                        .problems())
                .isEmpty();
        for (int number = 1; number <= backups.size(); number++) {
            assertThat(restored(OptionalInt.of(number), OptionalLong.empty(), partitions))
                    .as("backup %d", number)
                    .isEqualTo(alive(backups.get(number - 1)));
        }
        long last = madeAt.get(madeAt.size() - 1);
        var between = moments.subMap(madeAt.get(0), true, Math.max(last, madeAt.get(0)), true);
        int each = between.size() / MOMENTS + 1;
        int count = 0;
        for (var moment : between.entrySet()) {
            if (gaps.isEmpty() && count++ % each == 0) {
                assertThat(restored(OptionalInt.empty(), OptionalLong.of(moment.getKey()), partitions))
                        .as("as of %d", moment.getKey())
                        .isEqualTo(alive(moment.getValue()));
            }
        }
    }

    @Provide
    Arbitrary<Integer> counts() {
        return Arbitraries.of(1, 2, 7);
    }

    private void write(Deed deed) {
        switch (deed.kind()) {
            case 2 -> cluster.remove("t", deed.key());
            case 3 -> {
                var order = ByteString.unsignedLexicographicalComparator();
                if (order.compare(deed.key(), deed.other()) < 0) {
                    cluster.removeRange("t", deed.key(), deed.other());
                }
            }
            case 4 -> cluster.removeRange("t", deed.key(), ByteString.EMPTY);
            case 5 -> cluster.expire("t", deed.key(), deed.life() == 0 ? 0 : cluster.nowMillis + deed.life());
            default ->
                cluster.put("t", deed.key(), deed.other(), deed.life() < 20 ? 0 : cluster.nowMillis + deed.life());
        }
    }

    private long backup() throws IOException {
        new BackupCreate(
                        new BackupDirectory(root),
                        cluster,
                        BackupCreate.Options.DEFAULT,
                        state -> {},
                        trouble -> {},
                        clock(),
                        PartitionCopy.Patience.NORMAL)
                .run();
        return cluster.nowMillis;
    }

    private Clock clock() {
        return Clock.fixed(Instant.ofEpochMilli(cluster.nowMillis), ZoneOffset.UTC);
    }

    private Map<ByteString, Held> alive(Map<ByteString, Held> content) {
        var alive = new TreeMap<ByteString, Held>(ByteString.unsignedLexicographicalComparator());
        content.forEach((key, held) -> {
            if (held.expiresAtMillis() == 0 || held.expiresAtMillis() > cluster.nowMillis) {
                alive.put(key, held);
            }
        });
        return alive;
    }

    private Map<ByteString, Held> restored(OptionalInt number, OptionalLong until, int partitions) throws IOException {
        var other = new FakeCluster();
        other.nowMillis = cluster.nowMillis;
        var options = new Restore.Options(
                Optional.empty(), Optional.empty(), number, until, OptionalInt.of(partitions), false);
        new Restore(new BackupDirectory(root), other, options, state -> {}, clock()).run();
        assertThat(other.table("t").orElseThrow().getPartitions()).isEqualTo(partitions);
        return alive(other.content("t", 0));
    }

    /** Where the changes between two backups were not kept, nothing is made up. */
    @Property(tries = 5)
    void aMomentInAGapIsRefused(@ForAll("deeds") List<Deed> deeds) throws IOException {
        cluster.put("t", ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("1"), 0);
        backup();
        cluster.put("t", ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("2"), 0);
        long between = cluster.nowMillis;
        cluster.put("t", ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("3"), 0);
        deeds.stream().filter(deed -> deed.kind() > 1).forEach(this::write);
        cluster.forgetChanges("t");
        backup();
        assertThatThrownBy(() -> restored(OptionalInt.empty(), OptionalLong.of(between), 2))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("between backup 1")
                .hasMessageContaining("partition");
    }
}

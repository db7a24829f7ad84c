package io.aitta.integrations.ycsb;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.FakeCluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import site.ycsb.ByteIterator;
import site.ycsb.Status;
import site.ycsb.StringByteIterator;
import site.ycsb.measurements.Measurements;
import site.ycsb.workloads.CoreWorkload;

@Timeout(60)
class AittaDbTest {
    private final FakeCluster cluster = new FakeCluster(1);

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Properties properties() {
        var properties = new Properties();
        properties.setProperty("aitta.endpoints", cluster.endpoints());
        properties.setProperty("recordcount", "100");
        properties.setProperty("readproportion", "0.5");
        properties.setProperty("updateproportion", "0.5");
        return properties;
    }

    private AittaDb open() {
        var db = new AittaDb();
        db.setProperties(properties());
        db.init();
        return db;
    }

    @Test
    void workloadARunsForASecondWithoutAnError() throws Exception {
        var properties = properties();
        Measurements.setProperties(properties);
        var workload = new CoreWorkload();
        workload.init(properties);
        var db = open();
        for (int i = 0; i < 100; i++) {
            assertThat(workload.doInsert(db, null)).isTrue();
        }
        long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        int operations = 0;
        while (System.nanoTime() < end) {
            assertThat(workload.doTransaction(db, null)).isTrue();
            operations++;
        }
        assertThat(operations).isPositive();
        assertThat(db.read("usertable", "nosuch", null, new HashMap<>())).isEqualTo(Status.NOT_FOUND);
        db.cleanup();
    }

    @Test
    void anUpdateOfOneFieldLeavesTheOthers() {
        var db = open();
        db.insert("t", "k", Map.of("a", new StringByteIterator("1"), "b", new StringByteIterator("2")));
        db.update("t", "k", Map.of("b", new StringByteIterator("3")));
        var read = new HashMap<String, ByteIterator>();
        assertThat(db.read("t", "k", Set.of("a", "b"), read)).isEqualTo(Status.OK);
        assertThat(read.get("a")).hasToString("1");
        assertThat(read.get("b")).hasToString("3");
        var scanned = new Vector<HashMap<String, ByteIterator>>();
        assertThat(db.scan("t", "a", 5, Set.of("b"), scanned)).isEqualTo(Status.OK);
        assertThat(scanned).singleElement().satisfies(one -> assertThat(one).containsOnlyKeys("b"));
        assertThat(db.delete("t", "k")).isEqualTo(Status.OK);
        assertThat(db.delete("t", "k")).isEqualTo(Status.NOT_FOUND);
        db.cleanup();
    }
}

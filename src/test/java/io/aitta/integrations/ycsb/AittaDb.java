package io.aitta.integrations.ycsb;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.Condition;
import io.aitta.client.KeyRange;
import io.aitta.client.ScanEntry;
import io.aitta.client.ScanOptions;
import io.aitta.client.SetOptions;
import io.aitta.client.VersionedValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.Vector;
import site.ycsb.ByteArrayByteIterator;
import site.ycsb.ByteIterator;
import site.ycsb.DB;
import site.ycsb.Status;

/**
 * Aitta under the standard benchmark YCSB 0.17: all fields of a record are one value, and an update of some of them is
 * written under the condition that nobody wrote meanwhile. Each thread of the benchmark has one of these, and all share
 * one client.
 *
 * <p>With a cluster at hand ({@code ./aitta quickstart}), load and then run workload A from the source tree:
 *
 * <pre>{@code
 * mvn -q test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/ycsb.cp
 * for phase in -load -t; do
 *     java -cp "target/test-classes:target/classes:$(cat target/ycsb.cp)" site.ycsb.Client $phase \
 *         -db io.aitta.integrations.ycsb.AittaDb -threads 16 \
 *         -p workload=site.ycsb.workloads.CoreWorkload -p recordcount=10000 -p operationcount=100000 \
 *         -p readproportion=0.5 -p updateproportion=0.5 -p requestdistribution=zipfian \
 *         -p aitta.endpoints=127.0.0.1:7400
 * done
 * }</pre>
 *
 * <p>Properties: {@code aitta.endpoints} (127.0.0.1:7400), {@code aitta.table} (default) and {@code aitta.pipelining}
 * (true).
 */
public final class AittaDb extends DB {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int TRIES = 32;
    private static final Object LOCK = new Object();

    /** Of all threads; null while there are none. */
    private static AittaClient client;

    private static int users;

    private AittaTable.BlockingView table;

    @Override
    public void init() {
        var properties = getProperties();
        synchronized (LOCK) {
            if (users++ == 0) {
                client = AittaClient.builder()
                        .endpoints(properties.getProperty("aitta.endpoints", "127.0.0.1:7400"))
                        .pipelining(Boolean.parseBoolean(properties.getProperty("aitta.pipelining", "true")))
                        .deadline(DEADLINE)
                        .build();
            }
            table = client.table(properties.getProperty("aitta.table", "default"))
                    .blocking();
        }
    }

    @Override
    public void cleanup() {
        synchronized (LOCK) {
            if (--users == 0) {
                client.close();
                client = null;
            }
        }
    }

    @Override
    public Status read(String kind, String key, Set<String> fields, Map<String, ByteIterator> result) {
        try {
            var found = table.get(key(kind, key));
            found.ifPresent(value -> result.putAll(decode(value.bytes(), fields)));
            return found.isPresent() ? Status.OK : Status.NOT_FOUND;
        } catch (AittaException e) {
            return status(e);
        }
    }

    /** In the order of one partition. */
    @Override
    public Status scan(
            String kind, String from, int count, Set<String> fields, Vector<HashMap<String, ByteIterator>> result) {
        var range = KeyRange.ofPrefix(key(kind, "")).withBounds(key(kind, from), ByteString.EMPTY);
        try (var entries = table.scan(range, ScanOptions.DEFAULT.limit(count))) {
            while (entries.hasNext()) {
                ScanEntry entry = entries.next();
                result.add(decode(entry.value().bytes(), fields));
            }
            return Status.OK;
        } catch (AittaException e) {
            return status(e);
        }
    }

    @Override
    public Status update(String kind, String key, Map<String, ByteIterator> values) {
        Map<String, byte[]> changed = new HashMap<>();
        values.forEach((field, bytes) -> changed.put(field, bytes.toArray()));
        try {
            for (int tries = 0; tries < TRIES; tries++) {
                var before = table.get(key(kind, key));
                Map<String, byte[]> fields = new HashMap<>();
                before.ifPresent(value ->
                        decode(value.bytes(), null).forEach((field, bytes) -> fields.put(field, bytes.toArray())));
                fields.putAll(changed);
                var unchanged =
                        Condition.hasVersion(before.map(VersionedValue::version).orElse(0L));
                if (table.set(key(kind, key), encode(fields), SetOptions.DEFAULT.onlyIf(unchanged))
                        .applied()) {
                    return Status.OK;
                }
            }
            return Status.ERROR;
        } catch (AittaException e) {
            return status(e);
        }
    }

    @Override
    public Status insert(String kind, String key, Map<String, ByteIterator> values) {
        Map<String, byte[]> fields = new HashMap<>();
        values.forEach((field, bytes) -> fields.put(field, bytes.toArray()));
        try {
            table.set(key(kind, key), encode(fields));
            return Status.OK;
        } catch (AittaException e) {
            return status(e);
        }
    }

    @Override
    public Status delete(String kind, String key) {
        try {
            return table.delete(key(kind, key)) ? Status.OK : Status.NOT_FOUND;
        } catch (AittaException e) {
            return status(e);
        }
    }

    private static Status status(AittaException e) {
        return e instanceof AittaException.Unavailable
                ? Status.SERVICE_UNAVAILABLE
                : new Status(e.reason(), e.getMessage());
    }

    /** What the benchmark calls a table is a part of ours. */
    private static ByteString key(String kind, String key) {
        return ByteString.copyFromUtf8(kind + ":" + key);
    }

    /** Each field as two lengths and two texts of bytes. */
    private static ByteString encode(Map<String, byte[]> fields) {
        ByteString.Output out = ByteString.newOutput();
        fields.forEach((field, value) -> {
            byte[] name = field.getBytes(StandardCharsets.UTF_8);
            var lengths =
                    ByteBuffer.allocate(2 * Integer.BYTES).putInt(name.length).putInt(value.length);
            out.write(lengths.array(), 0, lengths.capacity());
            out.write(name, 0, name.length);
            out.write(value, 0, value.length);
        });
        return out.toByteString();
    }

    /** @param wanted null: all */
    private static HashMap<String, ByteIterator> decode(ByteString record, Set<String> wanted) {
        var fields = new HashMap<String, ByteIterator>();
        ByteBuffer bytes = record.asReadOnlyByteBuffer();
        while (bytes.hasRemaining()) {
            byte[] name = new byte[bytes.getInt()];
            byte[] value = new byte[bytes.getInt()];
            bytes.get(name).get(value);
            String field = new String(name, StandardCharsets.UTF_8);
            if (wanted == null || wanted.contains(field)) {
                fields.put(field, new ByteArrayByteIterator(value));
            }
        }
        return fields;
    }
}

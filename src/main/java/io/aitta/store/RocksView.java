package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The keys and values of a replica at one moment. */
final class RocksView implements ReplicaStore.View {
    /** Rows that a scan passes over before it comes up for air. */
    static final int PASSED_OVER = 10_000;

    private static final byte[] NO_BYTES = {};

    private final Gate gate;
    private final Moment moment;
    private final Consumer<Moment> onClose;

    RocksView(Gate gate, Moment moment, Consumer<Moment> onClose) {
        this.gate = gate;
        this.moment = moment;
        this.onClose = onClose;
    }

    @Override
    public ReplicaMark mark() {
        return moment.mark();
    }

    @Override
    public ReplicaStore.Page scan(
            KeySpan span,
            ByteString after,
            Predicate<ByteString> wanted,
            int maxRows,
            int maxBytes,
            boolean keysOnly,
            long nowMillis) {
        var rest = after == null ? span : span.intersection(new KeySpan(RowKeys.after(after), ByteString.EMPTY));
        return gate.inside("scan", () -> {
            var rows = new ArrayList<ReplicaStore.Row>();
            long bytes = 0;
            int passedOver = 0;
            ByteString last = null;
            for (moment.seek(RowKeys.VALUE, rest.from()); moment.isAt(RowKeys.VALUE); moment.next()) {
                var key = moment.row();
                if (!rest.contains(key)) {
                    break;
                }
                boolean isFull = rows.size() >= maxRows || !rows.isEmpty() && bytes >= maxBytes;
                if (isFull || passedOver == PASSED_OVER) {
                    return new ReplicaStore.Page(rows, last);
                }
                last = key;
                var value = wanted.test(key) ? value(keysOnly) : null;
                if (value == null || value.isExpiredAt(nowMillis)) {
                    passedOver++;
                } else {
                    rows.add(new ReplicaStore.Row(key, value));
                    bytes += key.size() + value.bytes().length;
                }
            }
            return new ReplicaStore.Page(rows, null);
        });
    }

    @Override
    public Optional<ReplicaStore.Changes> changes(long afterIndex, int maxBytes) {
        return gate.inside("read changes", () -> ChangeRows.read(moment, afterIndex, KeySpan.ALL, maxBytes));
    }

    private Value value(boolean keysOnly) {
        var stored = Rows.parse(StoredValue.parser(), moment.value());
        return keysOnly ? new Value(NO_BYTES, stored.getVersion(), stored.getExpiresAtMillis()) : Rows.toValue(stored);
    }

    @Override
    public void close() {
        gate.insideIfOpen(() -> {
            moment.close();
            onClose.accept(moment);
        });
    }
}

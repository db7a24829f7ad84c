package io.aitta.partition;

import io.aitta.core.replication.BinlogEvent;
import io.aitta.journal.BinlogCodec;
import io.aitta.journal.BinlogState;
import org.apache.pekko.persistence.typed.EventAdapter;
import org.apache.pekko.persistence.typed.EventSeq;
import org.apache.pekko.persistence.typed.SnapshotAdapter;

/** Events and checkpoints are encoded by the thread that owns them, and are bytes from then on. */
final class BinlogAdapters {
    static final EventAdapter<BinlogEvent, byte[]> EVENTS = new EventAdapter<>() {
        @Override
        public byte[] toJournal(BinlogEvent event) {
            return BinlogCodec.encode(event);
        }

        @Override
        public String manifest(BinlogEvent event) {
            return "";
        }

        @Override
        public EventSeq<BinlogEvent> fromJournal(byte[] bytes, String manifest) {
            return EventSeq.single(BinlogCodec.decodeEvent(bytes));
        }
    };

    static final SnapshotAdapter<BinlogState> CHECKPOINTS = new SnapshotAdapter<>() {
        @Override
        public Object toJournal(BinlogState state) {
            return BinlogCodec.encode(state);
        }

        @Override
        public BinlogState fromJournal(Object bytes) {
            return BinlogCodec.decodeState((byte[]) bytes);
        }
    };

    private BinlogAdapters() {}
}

package io.aitta.orchestrator;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.proto.record.v1.EpochRecord;

/** One step of the topology's history as bytes: the record {@code EpochRecord}. */
final class EpochCodec {
    private static final int VERSION = 1;

    private EpochCodec() {}

    static byte[] encode(EpochChange change) {
        var record = EpochRecord.newBuilder()
                .setRecordVersion(VERSION)
                .setEpoch(change.epoch().value())
                .setWallTimeMillis(change.wallTimeMillis())
                .setChangeId(change.changeId());
        change.events().forEach(event -> record.addEvents(EventCodec.encode(event)));
        return record.build().toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are no epoch record of a known version */
    static EpochChange decode(byte[] bytes) {
        EpochRecord record;
        try {
            record = EpochRecord.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not an epoch record: " + e.getMessage(), e);
        }
        TopologyCodec.checkVersion("epoch record", record.getRecordVersion(), VERSION);
        return new EpochChange(
                new Epoch(record.getEpoch()),
                record.getWallTimeMillis(),
                record.getChangeId(),
                record.getEventsList().stream().map(EventCodec::decode).toList());
    }
}

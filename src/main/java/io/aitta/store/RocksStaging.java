package io.aitta.store;

import io.aitta.proto.record.v1.ReplicaMark;

/** A snapshot on its way in; its rows stand under the replica's next generation. Of one thread. */
final class RocksStaging implements ReplicaStore.Staging {
    private final RocksReplica replica;
    private boolean isComplete;

    RocksStaging(RocksReplica replica) {
        this.replica = replica;
    }

    @Override
    public void write(ReplicaStore.Chunk chunk) {
        replica.writeStaged(this, Rows.rowsIn(chunk));
        isComplete |= chunk.isLast();
    }

    @Override
    public void install(ReplicaMark mark) {
        if (!isComplete) {
            throw new IllegalStateException("the last chunk of the snapshot has not been written yet");
        }
        replica.install(this, mark);
    }

    @Override
    public void discard() {
        replica.discardStaged(this);
    }
}

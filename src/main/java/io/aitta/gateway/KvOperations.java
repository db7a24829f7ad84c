package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.DeleteOperation;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.v1.Session;
import java.util.Optional;

/** Encodes what a client asked for, once: these bytes travel, are journaled and replicated unchanged. */
final class KvOperations {
    private KvOperations() {}

    static byte[] set(ByteString key, ByteString value, Optional<SessionStamp> session) {
        var operation = Operation.newBuilder()
                .setSet(SetOperation.newBuilder().setKey(key).setValue(value));
        session.ifPresent(operation::setSession);
        return operation.build().toByteArray();
    }

    static byte[] delete(ByteString key, Optional<SessionStamp> session) {
        var operation =
                Operation.newBuilder().setDelete(DeleteOperation.newBuilder().setKey(key));
        session.ifPresent(operation::setSession);
        return operation.build().toByteArray();
    }

    /** @param offset of a write within its request: each has a sequence of its own */
    static SessionStamp stamp(Session session, int offset) {
        return SessionStamp.newBuilder()
                .setClientId(session.getClientId())
                .setSequence(session.getSequence() + offset)
                .setAcknowledgedBelow(session.getAcknowledgedBelow())
                .build();
    }
}

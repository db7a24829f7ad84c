package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.Condition;
import io.aitta.proto.v1.DeleteRequest;
import io.aitta.proto.v1.ExistsRequest;
import io.aitta.proto.v1.ExpireRequest;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.PersistRequest;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.TimeToLiveRequest;

/** Requests to the table "default", in few words. */
final class Requests {
    private Requests() {}

    static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static GetRequest.Builder get(String key) {
        return GetRequest.newBuilder().setTable("default").setKey(utf8(key));
    }

    static ExistsRequest.Builder exists(String key) {
        return ExistsRequest.newBuilder().setTable("default").setKey(utf8(key));
    }

    static TimeToLiveRequest.Builder timeToLive(String key) {
        return TimeToLiveRequest.newBuilder().setTable("default").setKey(utf8(key));
    }

    static SetRequest.Builder set(String key, String value) {
        return SetRequest.newBuilder().setTable("default").setKey(utf8(key)).setValue(utf8(value));
    }

    static DeleteRequest.Builder delete(String key) {
        return DeleteRequest.newBuilder().setTable("default").setKey(utf8(key));
    }

    static AppendRequest.Builder append(String key, String value) {
        return AppendRequest.newBuilder().setTable("default").setKey(utf8(key)).setValue(utf8(value));
    }

    static IncrementRequest.Builder increment(String key, long amount) {
        return IncrementRequest.newBuilder()
                .setTable("default")
                .setKey(utf8(key))
                .setAmount(amount);
    }

    static ExpireRequest.Builder expire(String key, long millis) {
        return ExpireRequest.newBuilder().setTable("default").setKey(utf8(key)).setTimeToLiveMillis(millis);
    }

    static PersistRequest.Builder persist(String key) {
        return PersistRequest.newBuilder().setTable("default").setKey(utf8(key));
    }

    static Condition absent() {
        return Condition.newBuilder().setExists(false).build();
    }

    static Condition hasVersion(long version) {
        return Condition.newBuilder().setVersion(version).build();
    }

    static Condition hasValue(String value) {
        return Condition.newBuilder().setValue(utf8(value)).build();
    }
}

package io.aitta.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import io.aitta.proto.v1.Event;
import io.aitta.proto.v1.WatchRequest;
import io.aitta.proto.v1.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The change feed of a {@link FakeCluster}: one list of all that was written, a place in it as the token, told with every
 * third event only. Sends no more than its clients let it.
 */
final class FakeFeed {
    private final class Watcher {
        final ServerCallStreamObserver<WatchResponse> observer;
        final WatchRequest request;
        int at;
        boolean over;

        Watcher(ServerCallStreamObserver<WatchResponse> observer, WatchRequest request, int at) {
            this.observer = observer;
            this.request = request;
            this.at = at;
        }

        private boolean isWanted(ByteString key) {
            return request.hasKey() ? request.getKey().equals(key) : key.startsWith(request.getPrefix());
        }

        void pump() {
            while (!over && observer.isReady() && at < log.size()) {
                var event = log.get(at++);
                if (isWanted(event.getKey())) {
                    var answer = WatchResponse.newBuilder().addEvents(event);
                    if (at % 3 == 0 || at == log.size()) {
                        answer.setToken(token(at));
                    }
                    sent++;
                    observer.onNext(answer.build());
                }
            }
        }
    }

    private final List<Event> log = new ArrayList<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private int oldest;
    private int sent;

    synchronized void add(ByteString key, ByteString value) {
        log.add(Event.newBuilder()
                .setKind(Event.Kind.SET)
                .setKey(key)
                .setValue(value)
                .setIndex(log.size() + 1)
                .setVersion(log.size() + 1)
                .build());
        watchers.forEach(Watcher::pump);
    }

    synchronized void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
        int from = request.getToken().isEmpty()
                ? log.size()
                : Integer.parseInt(request.getToken().toStringUtf8());
        if (from < oldest) {
            observer.onError(expired());
            return;
        }
        var watcher = new Watcher((ServerCallStreamObserver<WatchResponse>) observer, request, from);
        watcher.observer.setOnReadyHandler(() -> {
            synchronized (this) {
                watcher.pump();
            }
        });
        watcher.observer.setOnCancelHandler(() -> {
            synchronized (this) {
                watcher.over = true;
                watchers.remove(watcher);
            }
        });
        watchers.add(watcher);
        observer.onNext(WatchResponse.newBuilder().setToken(token(from)).build());
        watcher.pump();
    }

    /** Ends all streams, as nodes do that stop. */
    synchronized void cut() {
        for (var watcher : watchers) {
            watcher.over = true;
            watcher.observer.onError(Status.UNAVAILABLE.withDescription("cut").asRuntimeException());
        }
        watchers.clear();
    }

    synchronized void forgetUpTo(int place) {
        oldest = place;
    }

    synchronized int watchers() {
        return watchers.size();
    }

    /** Events, of all watchers together. */
    synchronized int sent() {
        return sent;
    }

    private StatusRuntimeException expired() {
        return StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.FAILED_PRECONDITION.value())
                .setMessage("too old")
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain("aitta.io")
                        .setReason("TOKEN_EXPIRED")
                        .putMetadata(
                                "oldest_token",
                                Base64.getEncoder().encodeToString(token(oldest).toByteArray()))
                        .build()))
                .build());
    }

    private static ByteString token(int place) {
        return ByteString.copyFromUtf8(Integer.toString(place));
    }
}

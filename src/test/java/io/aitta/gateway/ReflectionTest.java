package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import grpc.reflection.v1alpha.reflection.ReflectionProto;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReflectionTest {
    private static final Descriptor REQUEST =
            ReflectionProto.javaDescriptor().findMessageTypeByName("ServerReflectionRequest");
    private static final Descriptor RESPONSE =
            ReflectionProto.javaDescriptor().findMessageTypeByName("ServerReflectionResponse");

    private final OpenDoor open = new OpenDoor();

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void a_stranger_can_list_the_services_and_read_their_files() throws Exception {
        var client = new Client();
        client.ask(DynamicMessage.newBuilder(REQUEST)
                .setField(REQUEST.findFieldByName("list_services"), "*")
                .build()
                .toByteArray());
        Eventually.holds(() -> assertThat(client.answers).hasSize(1));
        assertThat(DynamicMessage.parseFrom(RESPONSE, client.answers.get(0)).toString())
                .contains("aitta.v1.Kv", "aitta.v1.Admin", "aitta.v1.Backup", "grpc.health.v1.Health");
        client.ask(DynamicMessage.newBuilder(REQUEST)
                .setField(REQUEST.findFieldByName("file_containing_symbol"), "aitta.v1.Kv")
                .build()
                .toByteArray());
        Eventually.holds(() -> assertThat(client.answers).hasSize(2));
        assertThat(DynamicMessage.parseFrom(RESPONSE, client.answers.get(1)).toString())
                .contains("MultiGetRequest");
    }

    @Test
    void a_stream_that_sends_too_much_is_reset() {
        var client = new Client();
        client.ask(new byte[10 << 20]);
        Eventually.holds(() -> assertThat(client.ended).isNotNull());
        assertThat(Status.fromThrowable(client.ended).getCode()).isEqualTo(Status.Code.CANCELLED);
    }

    private final class Client implements StreamObserver<byte[]> {
        final List<byte[]> answers = new CopyOnWriteArrayList<>();
        volatile Throwable ended;
        private final StreamObserver<byte[]> requests;

        Client() {
            var method = MethodDescriptor.newBuilder(WireTest.Bytes.INSTANCE, WireTest.Bytes.INSTANCE)
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
                    .build();
            requests = ClientCalls.asyncBidiStreamingCall(open.channel.newCall(method, CallOptions.DEFAULT), this);
        }

        void ask(byte[] request) {
            requests.onNext(request);
        }

        @Override
        public void onNext(byte[] answer) {
            answers.add(answer);
        }

        @Override
        public void onError(Throwable failure) {
            ended = failure;
        }

        @Override
        public void onCompleted() {}
    }
}

package io.aitta.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.aitta.proto.v1.CallError;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PipelineAnswer;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;

/** A streaming session whose calls are done by the methods of their names, of a service that knows only those. */
final class FakePipeline implements StreamObserver<PipelineRequest> {
    private final KvGrpc.KvImplBase service;
    private final StreamObserver<PipelineResponse> answers;
    private boolean ended;

    FakePipeline(KvGrpc.KvImplBase service, StreamObserver<PipelineResponse> answers) {
        this.service = service;
        this.answers = answers;
    }

    @Override
    public void onNext(PipelineRequest request) {
        request.getCallsList().forEach(this::begin);
    }

    private void begin(PipelineCall call) {
        FieldDescriptor kind = call.getOneofFieldDescriptor(
                PipelineCall.getDescriptor().getOneofs().get(0));
        var method = Arrays.stream(KvGrpc.KvImplBase.class.getMethods())
                .filter(one -> one.getName().equals(kind.getJsonName()) && one.getParameterCount() == 2)
                .findFirst()
                .orElseThrow();
        try {
            method.invoke(service, call.getField(kind), new OneAnswer(call.getId(), kind.getName()));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("there is no method for " + kind.getName(), e);
        }
    }

    private synchronized void answer(PipelineAnswer answer) {
        if (!ended) {
            answers.onNext(PipelineResponse.newBuilder().addAnswers(answer).build());
        }
    }

    private synchronized void breakOff(Throwable failure) {
        if (!ended) {
            ended = true;
            answers.onError(failure);
        }
    }

    @Override
    public synchronized void onError(Throwable failure) {
        ended = true;
    }

    @Override
    public synchronized void onCompleted() {
        if (!ended) {
            ended = true;
            answers.onCompleted();
        }
    }

    /** A failure that says why is the call's; any other is a connection that broke. */
    private final class OneAnswer implements StreamObserver<Message> {
        private final long id;
        private final String field;

        OneAnswer(long id, String field) {
            this.id = id;
            this.field = field;
        }

        @Override
        public void onNext(Message reply) {
            answer(PipelineAnswer.newBuilder()
                    .setId(id)
                    .setField(PipelineAnswer.getDescriptor().findFieldByName(field), reply)
                    .build());
        }

        @Override
        public void onError(Throwable failure) {
            var status = StatusProto.fromThrowable(failure);
            if (status.getDetailsCount() == 0 && status.getCode() != Status.Code.UNIMPLEMENTED.value()) {
                breakOff(failure);
                return;
            }
            var error = CallError.newBuilder().setCode(status.getCode()).setMessage(status.getMessage());
            try {
                for (var detail : status.getDetailsList()) {
                    if (detail.is(ErrorInfo.class)) {
                        ErrorInfo info = detail.unpack(ErrorInfo.class);
                        error.setReason(info.getReason()).putAllMetadata(info.getMetadataMap());
                    } else if (detail.is(RetryInfo.class)) {
                        var delay = detail.unpack(RetryInfo.class).getRetryDelay();
                        error.setRetryMillis(delay.getSeconds() * 1000 + delay.getNanos() / 1_000_000);
                    }
                }
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            answer(PipelineAnswer.newBuilder().setId(id).setError(error).build());
        }

        @Override
        public void onCompleted() {}
    }
}

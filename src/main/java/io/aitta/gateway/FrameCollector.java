package io.aitta.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.SinkShape;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.GraphStageWithMaterializedValue;
import org.apache.pekko.util.ByteString;
import scala.Tuple2;

/**
 * Gathers the one frame of a request that arrives in pieces. Its length is judged, and room asked for, as soon as it is
 * announced, before it takes any memory. After a refusal the rest is read and dropped: to cancel would reset the stream,
 * and the client would never see the answer. Whoever runs this limits how long that may last.
 */
final class FrameCollector extends GraphStageWithMaterializedValue<SinkShape<ByteString>, CompletionStage<ByteString>> {
    private final Inlet<ByteString> in = Inlet.create("FrameCollector.in");
    private final SinkShape<ByteString> shape = SinkShape.of(in);
    private final Admission.Ticket ticket;
    private final int maxMessageBytes;

    FrameCollector(Admission.Ticket ticket, int maxMessageBytes) {
        this.ticket = ticket;
        this.maxMessageBytes = maxMessageBytes;
    }

    @Override
    public SinkShape<ByteString> shape() {
        return shape;
    }

    @Override
    public Tuple2<GraphStageLogic, CompletionStage<ByteString>> createLogicAndMaterializedValue(Attributes attributes) {
        var frame = new CompletableFuture<ByteString>();
        return Tuple2.apply(new Logic(frame), frame);
    }

    private final class Logic extends GraphStageLogic {
        private final CompletableFuture<ByteString> frame;
        private ByteString collected = ByteString.emptyByteString();
        /** Of the whole frame; 0: not announced yet. */
        private int announced;

        Logic(CompletableFuture<ByteString> frame) {
            super(shape);
            this.frame = frame;
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    take(grab(in));
                    pull(in);
                }

                @Override
                public void onUpstreamFinish() {
                    if (announced > 0 && collected.size() == announced) {
                        frame.complete(collected);
                    } else {
                        frame.completeExceptionally(MessageFrame.notOneMessage());
                    }
                    completeStage();
                }

                @Override
                public void onUpstreamFailure(Throwable failure) {
                    frame.completeExceptionally(failure);
                    completeStage();
                }
            });
        }

        @Override
        public void preStart() {
            pull(in);
        }

        @Override
        public void postStop() {
            frame.completeExceptionally(
                    Problem.of(ErrorReason.STOPPING, "this node is stopping").asException());
        }

        private void take(ByteString piece) {
            if (frame.isDone()) {
                return;
            }
            collected = collected.concat(piece);
            try {
                if (announced == 0 && collected.size() >= MessageFrame.HEADER_BYTES) {
                    announced = MessageFrame.HEADER_BYTES + MessageFrame.messageBytes(collected, maxMessageBytes);
                    ticket.hold(announced);
                }
                if (announced > 0 && collected.size() > announced) {
                    throw MessageFrame.notOneMessage();
                }
            } catch (ProblemException refused) {
                collected = ByteString.emptyByteString();
                frame.completeExceptionally(refused);
            }
        }
    }
}

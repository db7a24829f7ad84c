package io.aitta.gateway;

import java.time.Duration;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.TimerGraphStageLogic;
import org.apache.pekko.util.ByteString;

/**
 * Cuts the bytes of a request that is a stream into its messages. Holds one message at most, and what came with its end:
 * nothing is read while nobody asks for a message. Once nobody wants any more, the rest is read and dropped for a while:
 * to cancel at once would reset the stream, and the client would never see how it ended.
 */
final class FrameSplitter extends GraphStage<FlowShape<ByteString, byte[]>> {
    private final Inlet<ByteString> in = Inlet.create("FrameSplitter.in");
    private final Outlet<byte[]> out = Outlet.create("FrameSplitter.out");
    private final FlowShape<ByteString, byte[]> shape = FlowShape.of(in, out);
    private final int maxMessageBytes;
    private final Duration drainTime;

    FrameSplitter(int maxMessageBytes, Duration drainTime) {
        this.maxMessageBytes = maxMessageBytes;
        this.drainTime = drainTime;
    }

    @Override
    public FlowShape<ByteString, byte[]> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private final class Logic extends TimerGraphStageLogic {
        private ByteString collected = ByteString.emptyByteString();
        /** Of the next message; -1: not announced yet. */
        private int announced = -1;

        private boolean dropping;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    var piece = grab(in);
                    if (dropping) {
                        pull(in);
                        return;
                    }
                    collected = collected.isEmpty() ? piece : collected.concat(piece);
                    next();
                }

                @Override
                public void onUpstreamFinish() {
                    if (dropping) {
                        completeStage();
                    } else if (isAvailable(out) || collected.isEmpty()) {
                        end();
                    }
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    next();
                }

                @Override
                public void onDownstreamFinish(Throwable cause) {
                    drop();
                }
            });
        }

        /** Gives the next message if there is a whole one, else reads on. */
        private void next() {
            try {
                if (announced < 0 && collected.size() >= MessageFrame.HEADER_BYTES) {
                    announced = MessageFrame.messageBytes(collected, maxMessageBytes);
                }
            } catch (ProblemException refused) {
                fail(out, refused);
                drop();
                return;
            }
            int whole = MessageFrame.HEADER_BYTES + announced;
            if (announced >= 0 && collected.size() >= whole) {
                var message = collected.slice(MessageFrame.HEADER_BYTES, whole).toArrayUnsafe();
                collected = collected.drop(whole);
                announced = -1;
                push(out, message);
            } else if (isClosed(in)) {
                end();
            } else {
                pull(in);
            }
        }

        /** There is nothing more to read, and no whole message left. */
        private void end() {
            if (collected.isEmpty()) {
                completeStage();
            } else {
                failStage(MessageFrame.notOneMessage());
            }
        }

        private void drop() {
            collected = ByteString.emptyByteString();
            dropping = true;
            if (isClosed(in)) {
                completeStage();
                return;
            }
            scheduleOnce("enough", drainTime);
            if (!hasBeenPulled(in)) {
                pull(in);
            }
        }

        @Override
        public void onTimer(Object timerKey) {
            completeStage();
        }
    }
}

package io.aitta.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/** One method of a service: how its request is read and who answers it. */
sealed interface Rpc<Q extends Message> {
    /** One that is asked by one message. */
    sealed interface OneRequest<Q extends Message> extends Rpc<Q> {
        Parser<Q> parser();

        /**
         * @param frame one whole frame, see {@link MessageFrame}
         * @throws ProblemException if it does not decode
         */
        default Q read(byte[] frame) {
            try {
                return parser().parseFrom(frame, MessageFrame.HEADER_BYTES, frame.length - MessageFrame.HEADER_BYTES);
            } catch (InvalidProtocolBufferException garbage) {
                throw MessageFrame.malformed(garbage);
            }
        }
    }

    /** Answered by one message. */
    record Unary<Q extends Message, R extends Message>(Parser<Q> parser, UnaryMethod<Q, R> method)
            implements OneRequest<Q> {}

    /** Answered by a stream of messages. */
    record Streaming<Q extends Message, R extends Message>(Parser<Q> parser, StreamingMethod<Q, R> method)
            implements OneRequest<Q> {}

    /** Asked by a stream of messages, and answered by one. The method decodes them, as far as it has room for them. */
    record Bidirectional<Q extends Message, R extends Message>(BidirectionalMethod<R> method) implements Rpc<Q> {}

    /** May throw, or fail its stage, with a {@link ProblemException}. */
    @FunctionalInterface
    interface UnaryMethod<Q, R> {
        CompletionStage<? extends R> answer(Q request, Call call);
    }

    /** May throw, or fail its stream, with a {@link ProblemException}. */
    @FunctionalInterface
    interface StreamingMethod<Q, R> {
        Source<R, NotUsed> answer(Q request, Call call);
    }

    /** May throw, or fail its stream, with a {@link ProblemException}. */
    @FunctionalInterface
    interface BidirectionalMethod<R> {
        /**
         * @param messages the bytes of each, without frames; to be pulled when there is room for another one
         * @param visit to be asked of each call
         * @param origin of all of them
         */
        Source<R, NotUsed> answer(Source<byte[], NotUsed> messages, Gate.Visit visit, Origin origin);
    }
}

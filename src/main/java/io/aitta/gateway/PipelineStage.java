package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;

/**
 * One streaming session: takes messages of calls in, has the calls done, and gives out their answers as they come.
 * Answers that are there together leave in one message, and none waits for another one. A session holds at most
 * {@code pipeline-calls} calls and about {@code pipeline-bytes} bytes of calls and answers; beyond that nothing is begun
 * and nothing read, whether it is the partitions that are slow or the client that does not take its answers.
 *
 * <p>It ends when the client has no more to ask and has got all answers; when the client breaks it off, where what was
 * begun goes on and its answers are dropped; when a message does not decode; and when the node stops, once what was
 * begun is answered.
 */
final class PipelineStage extends GraphStage<FlowShape<byte[], PipelineResponse>> {
    /** Begun at a time, so that a burst of reads of large values is noticed before the next one. */
    private static final int CALLS_AT_ONCE = 128;
    /** What one message of answers holds at most, but for a single answer that is larger. */
    private static final int MESSAGE_BYTES = 512 << 10;

    private final Inlet<byte[]> in = Inlet.create("PipelineStage.in");
    private final Outlet<PipelineResponse> out = Outlet.create("PipelineStage.out");
    private final FlowShape<byte[], PipelineResponse> shape = FlowShape.of(in, out);
    private final PipelineCalls calls;
    private final Admission admission;
    private final LimitSettings limits;
    private final OpenPipelines pipelines;
    private final Gate.Visit visit;
    private final Origin origin;

    /**
     * @param visit whose calls they are
     * @param origin of all of them
     */
    PipelineStage(
            PipelineCalls calls,
            Admission admission,
            LimitSettings limits,
            OpenPipelines pipelines,
            Gate.Visit visit,
            Origin origin) {
        this.calls = calls;
        this.visit = visit;
        this.admission = admission;
        this.limits = limits;
        this.pipelines = pipelines;
        this.origin = origin;
    }

    @Override
    public FlowShape<byte[], PipelineResponse> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    /** A call about to be begun. */
    record Begun(PipelineCall request, OpenCall open) {}

    private final class Logic extends GraphStageLogic {
        /** Where answers come in from all threads, the last one first. */
        private final AtomicReference<OpenCall> answered = new AtomicReference<>();
        /** Whether this stage will look at {@link #answered} in any case. */
        private final AtomicBoolean awake = new AtomicBoolean();

        private final AsyncCallback<Boolean> wakeUp = createAsyncCallback(this::awoken);
        private final Consumer<Boolean> stop = createAsyncCallback(this::stop)::invoke;
        /** In use: of calls whose answers have not left. */
        private final Set<Long> ids = new HashSet<>();
        /** Calls whose answers have not left, those that were refused for their id included. */
        private int held;
        /** Answers that have not left, in the order in which they came. */
        private final ArrayDeque<OpenCall> ready = new ArrayDeque<>();
        /** Of calls not answered, and of answers in {@link #ready}. */
        private long heldBytes;
        /** What of the last message was not begun yet; null: nothing. */
        private CallReader rest;

        /** Null if this session was refused. */
        private Admission.Ticket ticket;

        private boolean stopping;
        /** Nobody takes answers any more. */
        private volatile boolean ended;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    try {
                        var calls = new CallReader(grab(in));
                        rest = calls.hasNext() ? calls : null;
                    } catch (ProblemException garbage) {
                        failStage(garbage);
                        return;
                    }
                    goOn();
                }

                @Override
                public void onUpstreamFinish() {
                    goOn();
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    goOn();
                }
            });
        }

        @Override
        public void preStart() {
            try {
                ticket = admission.pipeline();
            } catch (ProblemException refused) {
                failStage(refused);
                return;
            }
            pipelines.add(stop);
            pull(in);
        }

        @Override
        public void postStop() {
            ended = true;
            pipelines.remove(stop);
            if (ticket != null) {
                ticket.close();
            }
        }

        private void awoken(Boolean unused) {
            goOn();
        }

        private void stop(Boolean unused) {
            stopping = true;
            goOn();
        }

        /** By any thread. */
        private void answered(OpenCall call) {
            if (call.admitted) {
                admission.leave(call.bytes);
            }
            if (ended) {
                return;
            }
            OpenCall before;
            do {
                before = answered.get();
                call.next = before;
            } while (!answered.compareAndSet(before, call));
            if (awake.compareAndSet(false, true)) {
                wakeUp.invoke(true);
            }
        }

        /** Does all that can be done now. */
        private void goOn() {
            try {
                do {
                    // Answers that come while this runs, on its own thread mostly, need no message to it.
                    awake.set(true);
                    takeAnswers();
                    give();
                    while (rest != null && hasRoom()) {
                        beginSome();
                        takeAnswers();
                        give();
                    }
                    awake.set(false);
                    takeAnswers();
                    give();
                } while (rest != null && hasRoom());
            } catch (ProblemException garbage) {
                failStage(garbage);
                return;
            }
            if (rest == null && hasRoom() && !isClosed(in) && !hasBeenPulled(in)) {
                pull(in);
            }
            endIfDone();
        }

        private boolean hasRoom() {
            return held < limits.pipelineCalls() && heldBytes < limits.pipelineBytes();
        }

        /** @throws ProblemException if there is garbage; what stood before it has been begun */
        private void beginSome() {
            List<Begun> some = new ArrayList<>();
            try {
                while (rest.hasNext() && some.size() < CALLS_AT_ONCE && hasRoom()) {
                    PipelineCall request = rest.next();
                    open(request, rest.callBytes()).ifPresent(some::add);
                }
            } finally {
                calls.begin(some, visit);
            }
            if (!rest.hasNext()) {
                rest = null;
            }
        }

        /** @return empty if it was refused */
        private Optional<Begun> open(PipelineCall request, int bytes) {
            held++;
            heldBytes += bytes;
            long id = request.getId();
            boolean own = id != 0 && ids.add(id);
            try {
                if (!own) {
                    String message = id == 0 ? "the id of a call cannot be 0" : "the id " + id + " is in use";
                    throw Problem.inField(ErrorReason.BAD_PIPELINE_CALL, "id", message)
                            .asException();
                }
                admission.enter(bytes);
            } catch (ProblemException refused) {
                calls.open(request, own, bytes, false, origin, this::answered).fail(refused.problem());
                return Optional.empty();
            }
            return Optional.of(new Begun(request, calls.open(request, true, bytes, true, origin, this::answered)));
        }

        private void takeAnswers() {
            OpenCall last = answered.getAndSet(null);
            if (last == null) {
                return;
            }
            // They hang together the last one first.
            OpenCall first = null;
            for (OpenCall call = last; call != null; ) {
                OpenCall before = call.next;
                call.next = first;
                first = call;
                call = before;
            }
            for (OpenCall call = first; call != null; call = call.next) {
                heldBytes += call.get().getSerializedSize() - call.bytes;
                ready.add(call);
            }
        }

        private void give() {
            if (isAvailable(out) && !ready.isEmpty()) {
                push(out, gathered());
            }
        }

        private PipelineResponse gathered() {
            var response = PipelineResponse.newBuilder();
            int bytes = 0;
            while (!ready.isEmpty()) {
                var answer = ready.peek().get();
                if (bytes > 0 && bytes + answer.getSerializedSize() > MESSAGE_BYTES) {
                    break;
                }
                bytes += answer.getSerializedSize();
                response.addAnswers(answer);
                OpenCall call = ready.poll();
                held--;
                if (call.ownsId) {
                    ids.remove(call.id);
                }
            }
            heldBytes -= bytes;
            return response.build();
        }

        private void endIfDone() {
            if (held > 0 || rest != null) {
                return;
            }
            if (stopping) {
                failStage(Admission.stopping());
            } else if (isClosed(in)) {
                completeStage();
            }
        }
    }
}

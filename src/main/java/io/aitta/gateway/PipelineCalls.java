package io.aitta.gateway;

import com.google.protobuf.Message;
import io.aitta.config.GrpcSettings;
import io.aitta.gateway.OpenCall.Answered;
import io.aitta.metrics.RequestMetrics;
import io.aitta.partition.PartitionAccess;
import io.aitta.proto.v1.PipelineAnswer;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineCall.RequestCase;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Has the calls of streaming sessions done. Those of one partition go to their partitions together, see {@link CallBatch}; the
 * others each to the method that would have answered it by itself. Thread-safe.
 */
final class PipelineCalls {
    /** How calls with one kind of request are done. */
    @FunctionalInterface
    private interface Kind {
        void begin(PipelineCall request, Call call, OpenCall open, CallBatch batch);
    }

    private final Map<RequestCase, Kind> kinds = new EnumMap<>(RequestCase.class);
    private final PartitionAccess partitions;
    private final CallBook book;
    private final Map<RequestCase, RequestMetrics.Operation> operations = new EnumMap<>(RequestCase.class);
    private final long defaultNanos;
    private final long maxNanos;

    PipelineCalls(
            KvService kv,
            ScanService scans,
            RangeService ranges,
            PartitionAccess partitions,
            GrpcSettings settings,
            CallBook book) {
        this.partitions = partitions;
        this.book = book;
        this.defaultNanos = settings.defaultDeadline().toNanos();
        this.maxNanos = settings.maxDeadline().toNanos();
        for (RequestCase kind : RequestCase.values()) {
            operations.put(kind, book.operation(kind.name()));
        }
        var reads = kv.reads();
        read(RequestCase.GET, PipelineCall::getGet, reads::get, PipelineAnswer.Builder::setGet);
        read(RequestCase.EXISTS, PipelineCall::getExists, reads::exists, PipelineAnswer.Builder::setExists);
        read(
                RequestCase.TIME_TO_LIVE,
                PipelineCall::getTimeToLive,
                reads::timeToLive,
                PipelineAnswer.Builder::setTimeToLive);
        var writes = kv.writes();
        write(RequestCase.SET, PipelineCall::getSet, writes::set, PipelineAnswer.Builder::setSet);
        write(RequestCase.DELETE, PipelineCall::getDelete, writes::delete, PipelineAnswer.Builder::setDelete);
        write(RequestCase.APPEND, PipelineCall::getAppend, writes::append, PipelineAnswer.Builder::setAppend);
        write(
                RequestCase.INCREMENT,
                PipelineCall::getIncrement,
                writes::increment,
                PipelineAnswer.Builder::setIncrement);
        write(RequestCase.EXPIRE, PipelineCall::getExpire, writes::expire, PipelineAnswer.Builder::setExpire);
        write(RequestCase.PERSIST, PipelineCall::getPersist, writes::persist, PipelineAnswer.Builder::setPersist);
        write(
                RequestCase.TRANSACTION,
                PipelineCall::getTransaction,
                kv.transactions()::prepare,
                PipelineAnswer.Builder::setTransaction);
        alone(RequestCase.MULTI_GET, PipelineCall::getMultiGet, kv::multiGet, PipelineAnswer.Builder::setMultiGet);
        alone(RequestCase.MULTI_SET, PipelineCall::getMultiSet, kv::multiSet, PipelineAnswer.Builder::setMultiSet);
        alone(
                RequestCase.MULTI_DELETE,
                PipelineCall::getMultiDelete,
                kv::multiDelete,
                PipelineAnswer.Builder::setMultiDelete);
        alone(RequestCase.SCAN_PAGE, PipelineCall::getScanPage, scans::scanPage, PipelineAnswer.Builder::setScanPage);
        alone(
                RequestCase.DELETE_RANGE,
                PipelineCall::getDeleteRange,
                ranges::deleteRange,
                PipelineAnswer.Builder::setDeleteRange);
        alone(RequestCase.FLUSH, PipelineCall::getFlush, ranges::flush, PipelineAnswer.Builder::setFlush);
        alone(RequestCase.COUNT, PipelineCall::getCount, ranges::count, PipelineAnswer.Builder::setCount);
    }

    private <Q, R> void read(
            RequestCase kind,
            Function<PipelineCall, Q> request,
            Function<Q, Prepared.Read<R>> prepare,
            BiConsumer<PipelineAnswer.Builder, R> put) {
        kinds.put(
                kind,
                (message, call, open, batch) -> batch.read(prepare.apply(request.apply(message)), put, call, open));
    }

    private <Q, R> void write(
            RequestCase kind,
            Function<PipelineCall, Q> request,
            Function<Q, Prepared.Write<R>> prepare,
            BiConsumer<PipelineAnswer.Builder, R> put) {
        kinds.put(
                kind,
                (message, call, open, batch) -> batch.write(prepare.apply(request.apply(message)), put, call, open));
    }

    private <Q extends Message, R> void alone(
            RequestCase kind,
            Function<PipelineCall, Q> request,
            Rpc.UnaryMethod<Q, R> method,
            BiConsumer<PipelineAnswer.Builder, R> put) {
        kinds.put(kind, (message, call, open, batch) -> {
            // What stood before it is begun before it.
            batch.begin();
            Q asked = request.apply(message);
            call.facts().isFor(RequestTable.of(asked));
            method.answer(asked, call).whenComplete((response, failure) -> {
                if (failure == null) {
                    open.answer(response, put);
                } else {
                    open.fail(failure);
                }
            });
        });
    }

    /** A call that has been read and is answered once, by {@code answered}. */
    OpenCall open(PipelineCall request, boolean ownsId, int bytes, boolean admitted, Origin origin, Answered answered) {
        var facts = new CallFacts(operations.get(request.getRequestCase()), origin, System.nanoTime());
        return new OpenCall(request.getId(), ownsId, bytes, admitted, facts, book, answered);
    }

    /**
     * Begins calls, in their order; each is answered once, by any thread, now or later.
     *
     * @param visit whose they are
     */
    void begin(List<PipelineStage.Begun> calls, Gate.Visit visit) {
        long now = System.nanoTime();
        var batch = new CallBatch(partitions);
        for (var begun : calls) {
            try {
                Kind kind = kinds.get(begun.request().getRequestCase());
                if (kind == null) {
                    throw Problem.inField(
                                    ErrorReason.BAD_PIPELINE_CALL,
                                    "request",
                                    "the call has no request, or one that this node does not know")
                            .asException();
                }
                visit.admitCall(begun.request());
                var call = new Call(now + nanos(begun.request()), begun.open().facts);
                kind.begin(begun.request(), call, begun.open(), batch);
            } catch (RuntimeException failure) {
                begun.open().fail(failure);
            }
        }
        batch.begin();
    }

    private long nanos(PipelineCall request) {
        long millis = Integer.toUnsignedLong(request.getTimeoutMillis());
        return millis == 0 ? defaultNanos : Math.min(millis * 1_000_000, maxNanos);
    }
}

package io.aitta.client;

import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PipelineAnswer;
import io.aitta.proto.v1.PipelineAnswer.ResponseCase;
import io.aitta.proto.v1.PipelineCall;
import io.grpc.MethodDescriptor;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * How the calls of one method travel in a streaming session.
 *
 * @param put the request into its call
 * @param take the response out of its answer
 * @param answered with this
 */
record PipelineMethod<Q, R>(
        BiConsumer<PipelineCall.Builder, Q> put, Function<PipelineAnswer, R> take, ResponseCase answered) {
    private static final Map<MethodDescriptor<?, ?>, PipelineMethod<?, ?>> ALL = new IdentityHashMap<>();

    static {
        add(KvGrpc.getGetMethod(), PipelineCall.Builder::setGet, PipelineAnswer::getGet, ResponseCase.GET);
        add(KvGrpc.getExistsMethod(), PipelineCall.Builder::setExists, PipelineAnswer::getExists, ResponseCase.EXISTS);
        add(
                KvGrpc.getTimeToLiveMethod(),
                PipelineCall.Builder::setTimeToLive,
                PipelineAnswer::getTimeToLive,
                ResponseCase.TIME_TO_LIVE);
        add(KvGrpc.getSetMethod(), PipelineCall.Builder::setSet, PipelineAnswer::getSet, ResponseCase.SET);
        add(KvGrpc.getDeleteMethod(), PipelineCall.Builder::setDelete, PipelineAnswer::getDelete, ResponseCase.DELETE);
        add(KvGrpc.getAppendMethod(), PipelineCall.Builder::setAppend, PipelineAnswer::getAppend, ResponseCase.APPEND);
        add(
                KvGrpc.getIncrementMethod(),
                PipelineCall.Builder::setIncrement,
                PipelineAnswer::getIncrement,
                ResponseCase.INCREMENT);
        add(KvGrpc.getExpireMethod(), PipelineCall.Builder::setExpire, PipelineAnswer::getExpire, ResponseCase.EXPIRE);
        add(
                KvGrpc.getPersistMethod(),
                PipelineCall.Builder::setPersist,
                PipelineAnswer::getPersist,
                ResponseCase.PERSIST);
        add(
                KvGrpc.getMultiGetMethod(),
                PipelineCall.Builder::setMultiGet,
                PipelineAnswer::getMultiGet,
                ResponseCase.MULTI_GET);
        add(
                KvGrpc.getMultiSetMethod(),
                PipelineCall.Builder::setMultiSet,
                PipelineAnswer::getMultiSet,
                ResponseCase.MULTI_SET);
        add(
                KvGrpc.getMultiDeleteMethod(),
                PipelineCall.Builder::setMultiDelete,
                PipelineAnswer::getMultiDelete,
                ResponseCase.MULTI_DELETE);
        add(
                KvGrpc.getTransactionMethod(),
                PipelineCall.Builder::setTransaction,
                PipelineAnswer::getTransaction,
                ResponseCase.TRANSACTION);
        add(
                KvGrpc.getScanPageMethod(),
                PipelineCall.Builder::setScanPage,
                PipelineAnswer::getScanPage,
                ResponseCase.SCAN_PAGE);
        add(
                KvGrpc.getDeleteRangeMethod(),
                PipelineCall.Builder::setDeleteRange,
                PipelineAnswer::getDeleteRange,
                ResponseCase.DELETE_RANGE);
        add(KvGrpc.getFlushMethod(), PipelineCall.Builder::setFlush, PipelineAnswer::getFlush, ResponseCase.FLUSH);
        add(KvGrpc.getCountMethod(), PipelineCall.Builder::setCount, PipelineAnswer::getCount, ResponseCase.COUNT);
    }

    private static <Q, R> void add(
            MethodDescriptor<Q, R> method,
            BiConsumer<PipelineCall.Builder, Q> put,
            Function<PipelineAnswer, R> take,
            ResponseCase answered) {
        ALL.put(method, new PipelineMethod<>(put, take, answered));
    }

    /** Null if calls of this method do not travel so. */
    @SuppressWarnings("unchecked")
    static <Q, R> PipelineMethod<Q, R> of(MethodDescriptor<Q, R> method) {
        return (PipelineMethod<Q, R>) ALL.get(method);
    }
}

/**
 * Measures a cluster: the core workloads of YCSB over the client, without threads of its own.
 *
 * <p>{@link io.aitta.bench.Bench} runs the {@link io.aitta.bench.BenchPlan} over a {@link io.aitta.bench.BenchStore}, which
 * is a table; what came of it is a {@link io.aitta.bench.BenchReport}.
 */
package io.aitta.bench;

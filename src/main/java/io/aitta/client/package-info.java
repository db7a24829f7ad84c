/**
 * The client of Aitta for Java: thread-safe, asynchronous with a blocking view, at home with nodes that come and go.
 *
 * <p>One {@link io.aitta.client.AittaClient} is made for a program, shared by its threads and closed at the end:
 *
 * <pre>{@code
 * AittaClient client = AittaClient.builder()
 *         .endpoints("127.0.0.1:7400,127.0.0.1:7410,127.0.0.1:7420")
 *         .deadline(Duration.ofSeconds(2))
 *         .build();
 * }</pre>
 *
 * <p>Keys and values are bytes. Each operation is there twice: a {@link io.aitta.client.AittaTable} gives a
 * {@link java.util.concurrent.CompletionStage}, its {@link io.aitta.client.AittaTable.BlockingView} waits.
 *
 * <pre>{@code
 * ByteString key = ByteString.copyFromUtf8("greeting");
 * AittaTable table = client.table("default");
 * table.set(key, ByteString.copyFromUtf8("hello"))
 *         .thenCompose(version -> table.get(key))
 *         .thenAccept(found -> found.ifPresent(value -> System.out.println(value.utf8())))
 *         .toCompletableFuture()
 *         .join();
 *
 * AittaTable.BlockingView blocking = table.blocking();
 * blocking.append(key, ByteString.copyFromUtf8(", world"));
 * blocking.expire(key, Duration.ofMinutes(10));
 * long visits = blocking.increment(ByteString.copyFromUtf8("visits"), 1).value();
 * }</pre>
 *
 * <p>A write can be made to depend on what is there, which is judged where the write is applied. A lock that goes away by
 * itself, and is given back only by the one who holds it:
 *
 * <pre>{@code
 * ByteString lock = ByteString.copyFromUtf8("lock");
 * ByteString me = ByteString.copyFromUtf8("worker-1");
 * SetOptions toTake = SetOptions.DEFAULT.onlyIf(Condition.absent()).expiringAfter(Duration.ofSeconds(30));
 * SetResult taken = client.table("default").blocking().set(lock, me, toTake);
 * if (taken.applied()) {
 *     client.table("default").blocking().delete(lock, DeleteOptions.DEFAULT.onlyIf(Condition.hasValue(me)));
 * }
 * }</pre>
 *
 * <p>Keys with one hash tag, the text in braces, live together, and can be changed together:
 *
 * <pre>{@code
 * ByteString from = ByteString.copyFromUtf8("{bank}:alice");
 * ByteString to = ByteString.copyFromUtf8("{bank}:bob");
 * TransactionResult moved = client.table("default").blocking().transaction(Transaction.builder()
 *         .when(from, Condition.hasValue(ByteString.copyFromUtf8("100")))
 *         .then(Operation.increment(from, -30), Operation.increment(to, 30))
 *         .otherwise(Operation.get(from))
 *         .build());
 * if (moved.succeeded()) {
 *     System.out.println("bob has " + moved.incremented(1).value());
 * }
 * }</pre>
 *
 * <p>Many keys go in one call, over any partitions, and come back with one outcome each:
 *
 * <pre>{@code
 * List<ByteString> keys = List.of(ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("b"));
 * for (ReadOutcome outcome : client.table("default").blocking().multiGet(keys)) {
 *     if (outcome instanceof ReadOutcome.Found found) {
 *         System.out.println(found.value().utf8());
 *     }
 * }
 * }</pre>
 *
 * <p>Reads see every write that was acknowledged before, unless less is asked for, which any replica can answer:
 *
 * <pre>{@code
 * AittaTable.BlockingView mine =
 *         client.table("default").withConsistency(Consistency.SESSION).blocking();
 * AittaTable.BlockingView roughly = client.table("default")
 *         .withConsistency(Consistency.eventual(Duration.ofSeconds(5)))
 *         .blocking();
 * mine.get(ByteString.copyFromUtf8("greeting"));
 * roughly.exists(ByteString.copyFromUtf8("greeting"));
 * }</pre>
 *
 * <p>What fails, fails in one of three ways, after the client has done what it safely can: see
 * {@link io.aitta.client.AittaException}.
 *
 * <pre>{@code
 * try {
 *     client.table("default").blocking().set(ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("1"));
 * } catch (AittaException.Refused refused) {
 *     System.err.println("not like this: " + refused.getMessage());
 * } catch (AittaException.Unavailable unavailable) {
 *     System.err.println("not now, nothing was written: " + unavailable.getMessage());
 * } catch (AittaException.OutcomeUnknown unknown) {
 *     System.err.println("it may have been written: " + unknown.getMessage());
 * }
 * }</pre>
 */
package io.aitta.client;

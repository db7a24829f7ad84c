package io.aitta.gateway;

import static io.aitta.gateway.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.AittaClient;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.WatchTopologyRequest;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchTest {
    private final OpenDoor open = new OpenDoor();

    @AfterEach
    void close() throws Exception {
        open.close();
    }

    @Test
    void a_watcher_sees_the_topology_now_and_every_change_of_it() {
        var watcher = watch(0, Integer.MAX_VALUE);
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L));
        open.topology.publish(FakeTopology.of(4, "default", 16));
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L, 4L));
        Topology lostNode = FakeTopology.of(4, "default", 16).toBuilder()
                .setOrchestratorNode("n2")
                .build();
        open.topology.publish(lostNode);
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L, 4L, 4L));
        open.topology.publish(lostNode);
        open.topology.publish(FakeTopology.of(2, "default", 16));
        open.topology.publish(FakeTopology.of(5, "default", 16));
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L, 4L, 4L, 5L));
    }

    @Test
    void a_watcher_that_knows_the_epoch_is_told_nothing_until_there_is_news() {
        var watcher = watch(3, Integer.MAX_VALUE);
        Eventually.holds(() -> assertThat(open.topology.listeners).hasSize(1));
        open.topology.publish(FakeTopology.of(4, "default", 16));
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(4L));
    }

    @Test
    void a_slow_watcher_is_sent_the_newest_and_not_all_it_missed() {
        var watcher = watch(0, 1);
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L));
        // Large enough that the connection's window and buffers hold a few at most.
        for (long epoch = 4; epoch <= 300; epoch++) {
            open.topology.publish(FakeTopology.of(epoch, "default", 2_000));
        }
        watcher.request(1_000);
        Eventually.holds(() -> assertThat(watcher.epochs()).endsWith(300L));
        assertThat(watcher.epochs()).hasSizeLessThan(100).isSorted();
    }

    @Test
    void a_watcher_of_differences_is_sent_the_whole_once_and_then_what_changed() {
        var watcher = watch(0, Integer.MAX_VALUE, true);
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L));
        assertThat(watcher.seen.get(0)).isEqualTo(open.topology.current());
        open.topology.publish(moved(4, 7));
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L, 4L));
        Topology change = watcher.seen.get(1);
        assertThat(change.getBaseEpoch()).isEqualTo(3);
        assertThat(change.getNodesList()).isEmpty();
        assertThat(change.getTablesList()).isEmpty();
        assertThat(change.getPartitionsList()).singleElement().satisfies(partition -> {
            assertThat(partition.getPartition()).isEqualTo(7);
            assertThat(partition.getTerm()).isEqualTo(4);
        });
    }

    @Test
    void a_slow_watcher_of_differences_is_sent_them_merged_and_lacks_none() {
        var watcher = watch(0, 1, true);
        Eventually.holds(() -> assertThat(watcher.epochs()).containsExactly(3L));
        Topology topology = open.topology.current();
        for (int epoch = 4; epoch <= 2_000; epoch++) {
            var next = topology.toBuilder().setEpoch(epoch);
            next.getPartitionsBuilder(epoch % 16).setTerm(epoch);
            topology = next.build();
            open.topology.publish(topology);
        }
        watcher.request(10_000);
        Eventually.holds(() -> assertThat(watcher.epochs()).endsWith(2_000L));
        long at = 3;
        var terms = new long[16];
        for (Topology change : watcher.seen.subList(1, watcher.seen.size())) {
            assertThat(change.getBaseEpoch()).as("there is no gap").isEqualTo(at);
            at = change.getEpoch();
            change.getPartitionsList().forEach(partition -> terms[partition.getPartition()] = partition.getTerm());
        }
        for (var partition : topology.getPartitionsList()) {
            assertThat(terms[partition.getPartition()]).isEqualTo(partition.getTerm());
        }
        assertThat(watcher.epochs()).hasSizeLessThan(1_900);
    }

    /** From the node that has heard of a change to the listener of a client; 10,000 partitions. */
    @Test
    void a_change_is_pushed_to_clients_at_once() throws Exception {
        var topology = FakeTopology.of(4, "default", 10_000);
        open.topology.publish(topology);
        var seen = new LinkedBlockingQueue<Long>();
        var address = open.door.address();
        try (var client = AittaClient.builder()
                        .endpoints("127.0.0.1:" + address.getPort())
                        .build();
                var watch = client.admin().watchTopology(told -> seen.add(told.getEpoch()))) {
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(4);
            var micros = new ArrayList<Long>();
            for (long epoch = 5; epoch < 105; epoch++) {
                var next = topology.toBuilder().setEpoch(epoch);
                next.getPartitionsBuilder((int) epoch).setTerm(epoch);
                topology = next.build();
                long begun = System.nanoTime();
                open.topology.publish(topology);
                assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(epoch);
                micros.add((System.nanoTime() - begun) / 1_000);
            }
            Collections.sort(micros);
            System.out.printf(
                    "push of a change to a client, 10,000 partitions: p50 %,d us, p99 %,d us%n",
                    micros.get(50), micros.get(98));
            assertThat(micros.get(50))
                    .as("microseconds, on a machine that does other things too")
                    .isLessThan(500_000);
        }
    }

    private static Topology moved(long epoch, int partition) {
        var topology = FakeTopology.of(epoch, "default", 16).toBuilder();
        topology.getPartitionsBuilder(partition).setTerm(epoch);
        return topology.build();
    }

    @Test
    void a_watcher_that_goes_away_is_forgotten() {
        var watcher = watch(0, 1);
        Eventually.holds(() -> assertThat(watcher.epochs()).hasSize(1));
        watcher.cancel();
        Eventually.holds(() -> assertThat(open.topology.listeners).isEmpty());
    }

    @Test
    void more_watchers_than_the_limit_are_refused_and_room_comes_back() {
        var first = watch(0, 1);
        var second = watch(0, 1);
        Eventually.holds(() -> assertThat(open.topology.listeners).hasSize(2));
        var third = watch(0, 1);
        Eventually.holds(() -> assertThat(third.ended).isNotNull());
        new Refusals((StatusRuntimeException) third.ended)
                .with(Code.RESOURCE_EXHAUSTED, "OVERLOADED")
                .saying("aitta.limits.watch-streams");
        first.cancel();
        Eventually.holds(() -> assertThat(open.topology.listeners).hasSize(1));
        var fourth = watch(0, 1);
        Eventually.holds(() -> assertThat(fourth.epochs()).containsExactly(3L));
        assertThat(second.ended).isNull();
    }

    @Test
    void a_closing_door_sends_watchers_elsewhere() throws Exception {
        var watcher = watch(0, 1);
        Eventually.holds(() -> assertThat(watcher.epochs()).hasSize(1));
        open.door.close(Duration.ofSeconds(20)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        Eventually.holds(() -> assertThat(watcher.ended).isNotNull());
        new Refusals((StatusRuntimeException) watcher.ended).with(Code.UNAVAILABLE, "STOPPING");
        assertThat(open.topology.listeners).isEmpty();
    }

    @Test
    void health_is_what_the_node_says() {
        var health = HealthGrpc.newBlockingStub(open.channel);
        for (String service : List.of("", "aitta.v1.Kv", "aitta.v1.Admin")) {
            var request = HealthCheckRequest.newBuilder().setService(service).build();
            open.ready.set(true);
            assertThat(health.check(request).getStatus()).isEqualTo(ServingStatus.SERVING);
            open.ready.set(false);
            assertThat(health.check(request).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
        }
        refused(() -> health.check(
                        HealthCheckRequest.newBuilder().setService("nope").build()))
                .with(Code.NOT_FOUND, "SERVICE_NOT_FOUND");
    }

    @Test
    void a_watcher_of_health_hears_of_changes_only() {
        var watcher = new Watcher<HealthCheckResponse>(Integer.MAX_VALUE);
        HealthGrpc.newStub(open.channel).watch(HealthCheckRequest.getDefaultInstance(), watcher);
        Eventually.holds(() -> assertThat(watcher.seen).hasSize(1));
        open.ready.set(false);
        Eventually.holds(() -> assertThat(watcher.seen)
                .extracting(HealthCheckResponse::getStatus)
                .containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING));
    }

    @Test
    void a_watcher_of_an_unknown_service_is_kept() {
        var watcher = new Watcher<HealthCheckResponse>(Integer.MAX_VALUE);
        HealthGrpc.newStub(open.channel)
                .watch(HealthCheckRequest.newBuilder().setService("nope").build(), watcher);
        Eventually.holds(() -> assertThat(watcher.seen)
                .extracting(HealthCheckResponse::getStatus)
                .containsExactly(ServingStatus.SERVICE_UNKNOWN));
        assertThat(watcher.ended).isNull();
    }

    private TopologyWatcher watch(long knownEpoch, int wanted) {
        return watch(knownEpoch, wanted, false);
    }

    private TopologyWatcher watch(long knownEpoch, int wanted, boolean differences) {
        var watcher = new TopologyWatcher(wanted);
        AdminGrpc.newStub(open.channel)
                .watchTopology(
                        WatchTopologyRequest.newBuilder()
                                .setKnownEpoch(knownEpoch)
                                .setDifferences(differences)
                                .build(),
                        watcher);
        return watcher;
    }

    private static final class TopologyWatcher extends Watcher<Topology> {
        TopologyWatcher(int wanted) {
            super(wanted);
        }

        List<Long> epochs() {
            return seen.stream().map(Topology::getEpoch).toList();
        }
    }

    /** Takes as many answers as it is told to, as a client with flow control does. */
    private static class Watcher<T> implements ClientResponseObserver<Object, T> {
        final List<T> seen = new CopyOnWriteArrayList<>();
        volatile Throwable ended;
        private final int wanted;
        private volatile ClientCallStreamObserver<?> call;

        Watcher(int wanted) {
            this.wanted = wanted;
        }

        void request(int more) {
            call.request(more);
        }

        void cancel() {
            call.cancel("the test is done with it", null);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Object> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(wanted);
        }

        @Override
        public void onNext(T answer) {
            seen.add(answer);
        }

        @Override
        public void onError(Throwable failure) {
            ended = failure;
        }

        @Override
        public void onCompleted() {
            ended = Status.OK.asException();
        }
    }
}

package io.aitta.gateway;

import io.aitta.core.PartitionId;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.Topology;

/** The {@link RoutingTable} of the topology as it is now. Thread-safe. */
final class Routing {
    private final TopologySource topology;
    private volatile RoutingTable table;

    Routing(TopologySource topology) {
        this.topology = topology;
        this.table = new RoutingTable(topology.current());
    }

    /** Two threads may make the same table at once; that costs a little and harms nothing. */
    RoutingTable now() {
        Topology current = topology.current();
        RoutingTable known = table;
        if (!known.isOf(current)) {
            known = new RoutingTable(current);
            table = known;
        }
        return known;
    }

    /** Whether there is such a table now. */
    boolean hasTable(String name) {
        return now().hasTable(name);
    }

    /**
     * Where a request with one partition goes, which its answer tells again.
     *
     * @param knownEpoch the client's; 0: it knows none
     */
    record Target(Routing routing, PartitionId partition, long knownEpoch) {
        /** @param index where the partition stood when the request was done */
        ResponseHeader header(long index) {
            return routing.now().header(knownEpoch, partition, index);
        }
    }
}

package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.gateway.RoutingTable.TableRoutes;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Refuses a transaction whose keys belong to different partitions, and says which keys and partitions. */
final class KeysNotTogether {
    /** How many keys are told, the first of the transaction included. An error must fit a header of HTTP. */
    private static final int KEYS_TOLD = 8;

    private KeysNotTogether() {}

    /** @param keys of which at least one belongs elsewhere than the first */
    static ProblemException of(List<ByteString> keys, TableRoutes table) {
        ByteString first = keys.get(0);
        PartitionId partition = table.idOf(first);
        Set<ByteString> others = new LinkedHashSet<>();
        for (ByteString key : keys) {
            if (!table.idOf(key).equals(partition)) {
                others.add(key);
            }
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        tell(metadata, 0, first, partition);
        int told = 1;
        for (ByteString key : others) {
            if (told == KEYS_TOLD) {
                break;
            }
            tell(metadata, told++, key, table.idOf(key));
        }
        String named = others.stream()
                .limit(KEYS_TOLD - 1)
                .map(key -> named(key, table.idOf(key)))
                .collect(Collectors.joining(", "));
        int untold = others.size() - (told - 1);
        String message = "the keys of a transaction must belong to one partition, as keys with the same {tag} do: "
                + named(first, partition) + ", but " + named + (untold == 0 ? "" : " and " + untold + " more");
        return Problem.of(ErrorReason.KEYS_NOT_TOGETHER, message).with(metadata).asException();
    }

    private static void tell(Map<String, String> metadata, int place, ByteString key, PartitionId partition) {
        metadata.put("key_" + place, Text.escaped(key));
        metadata.put("partition_" + place, Integer.toString(partition.partition()));
    }

    private static String named(ByteString key, PartitionId partition) {
        return "'" + Text.escaped(key) + "' is in partition " + partition.partition();
    }
}

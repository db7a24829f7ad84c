package io.aitta.gateway;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The table that a request names, whatever kind of request it is: its field {@code table}. */
final class RequestTable {
    private static final Map<Descriptor, Optional<FieldDescriptor>> FIELDS = new ConcurrentHashMap<>();

    private RequestTable() {}

    /** Empty if it names none. There may be no such table. */
    static String of(Message request) {
        var field = FIELDS.computeIfAbsent(
                request.getDescriptorForType(), type -> Optional.ofNullable(type.findFieldByName("table"))
                        .filter(found -> found.getType() == FieldDescriptor.Type.STRING && !found.isRepeated()));
        return field.isPresent() ? (String) request.getField(field.get()) : "";
    }
}

package io.aitta.gateway;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import io.aitta.security.Caller;
import io.aitta.security.Role;
import io.grpc.health.v1.HealthProto;
import java.util.Map;
import java.util.Set;

/**
 * What a caller must be allowed to, for one method: read from the service's descriptor, so that a method that nobody
 * thought of here is one for administrators. Immutable.
 */
final class RpcPermission {
    /** What a method does, as far as permissions go. */
    private enum Kind {
        /** For everyone, without a token: what load balancers ask. */
        OPEN,
        /** For every token; if a table is named, for those that may read it. */
        SEE,
        READ,
        WRITE,
        /** Of one table. */
        ADMIN_OF_TABLE,
        ADMIN,
        /** To see what is not for everyone. */
        ADMIN_SEES
    }

    private static final String KV = "aitta.v1.Kv";
    private static final String BACKUP = "aitta.v1.Backup";
    /** Methods of the Kv service that read keys and answer once. */
    static final Set<String> READING = Set.of("Get", "Exists", "TimeToLive", "MultiGet", "Scan", "ScanPage", "Count");
    /** Reads as well, for as long as its client likes. */
    private static final String WATCH = "Watch";
    /** Methods of the Kv service that write keys. */
    static final Set<String> WRITING = Set.of(
            "Set",
            "Delete",
            "Append",
            "Increment",
            "Expire",
            "Persist",
            "MultiSet",
            "MultiDelete",
            "Transaction",
            "DeleteRange",
            "Flush");
    /** Each call in it is asked for by itself. */
    private static final String PIPELINE = "Pipeline";

    private static final Map<String, Kind> ADMINISTRATION = Map.ofEntries(
            Map.entry("CreateTable", Kind.ADMIN_OF_TABLE),
            Map.entry("AlterTable", Kind.ADMIN_OF_TABLE),
            Map.entry("DropTable", Kind.ADMIN_OF_TABLE),
            Map.entry("SetTableReplicas", Kind.ADMIN_OF_TABLE),
            Map.entry("SetTableLearners", Kind.ADMIN_OF_TABLE),
            // Parts of keys are in it.
            Map.entry("GetSlowLog", Kind.ADMIN_SEES),
            Map.entry("ListTables", Kind.SEE),
            Map.entry("DescribeTable", Kind.SEE),
            Map.entry("ListNodes", Kind.SEE),
            Map.entry("DescribeNode", Kind.SEE),
            Map.entry("ListPartitions", Kind.SEE),
            Map.entry("DescribePartition", Kind.SEE),
            Map.entry("GetTopology", Kind.SEE),
            Map.entry("DiffTopology", Kind.SEE),
            Map.entry("WatchTopology", Kind.SEE),
            Map.entry("ListMigrations", Kind.SEE),
            Map.entry("GetInfo", Kind.SEE),
            Map.entry("CheckCluster", Kind.SEE),
            // It reads all of the data, on all nodes.
            Map.entry("CompareReplicas", Kind.ADMIN_OF_TABLE));

    private final String name;
    private final Kind kind;
    /** Where the request names its table; null: it names none. */
    private final FieldDescriptor table;

    private RpcPermission(String name, Kind kind, FieldDescriptor table) {
        this.name = name;
        this.kind = kind;
        this.table = table;
    }

    static RpcPermission of(MethodDescriptor method) {
        String service = method.getService().getFullName();
        Kind kind = Kind.ADMIN;
        if (method.getFile().equals(HealthProto.getDescriptor())) {
            kind = Kind.OPEN;
        } else if (service.equals(KV)) {
            kind = kindOfKv(method.getName());
        } else if (service.equals("aitta.v1.Admin")) {
            kind = ADMINISTRATION.getOrDefault(method.getName(), Kind.ADMIN);
        } else if (service.equals(BACKUP) && method.getName().equals("ReadPartition")) {
            // It gives no more than a scan does.
            kind = Kind.READ;
        }
        var type = method.getInputType();
        FieldDescriptor table = type.findFieldByName("table");
        if (table == null && method.getName().endsWith("Table")) {
            table = type.findFieldByName("name");
        }
        return new RpcPermission(method.getService().getName() + "/" + method.getName(), kind, table);
    }

    /** Of what no descriptor here knows. */
    static RpcPermission ofUnknown(String name) {
        return new RpcPermission(name, Kind.ADMIN, null);
    }

    private static Kind kindOfKv(String method) {
        if (method.equals(PIPELINE)) {
            return Kind.SEE;
        }
        if (method.equals(WATCH)) {
            return Kind.READ;
        }
        return READING.contains(method) ? Kind.READ : WRITING.contains(method) ? Kind.WRITE : Kind.ADMIN;
    }

    /** Such as {@code Admin/DropTable}. */
    String name() {
        return name;
    }

    boolean isOpen() {
        return kind == Kind.OPEN;
    }

    /** Whether the audit log wants to know of it, also when it is allowed. */
    boolean isAdministration() {
        return kind == Kind.ADMIN || kind == Kind.ADMIN_OF_TABLE;
    }

    /** The table whose keys a request reads or writes, and thereby its quota; null: no table's. */
    String tableOfKeys(Message request) {
        return kind == Kind.READ || kind == Kind.WRITE ? tableOf(request) : null;
    }

    /** @throws io.aitta.security.AccessDenied unless {@code caller} may have this request answered */
    void require(Caller caller, Message request) {
        switch (kind) {
            case OPEN -> {}
            case SEE -> {
                if (table == null || tableOf(request).isEmpty()) {
                    caller.requireKnown();
                } else {
                    caller.require(Role.READ_ONLY, tableOf(request));
                }
            }
            case READ -> caller.require(Role.READ_ONLY, tableOf(request));
            case WRITE -> caller.require(Role.READ_WRITE, tableOf(request));
            case ADMIN_OF_TABLE -> caller.require(Role.ADMIN, tableOf(request));
            case ADMIN, ADMIN_SEES -> caller.requireEverywhere(Role.ADMIN);
        }
    }

    private String tableOf(Message request) {
        return (String) request.getField(table);
    }
}

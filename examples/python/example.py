"""A tour of Aitta from Python. Run it with the gRPC address of any node:

    python3 -m venv venv && . venv/bin/activate && pip install -r requirements.txt
    python -m grpc_tools.protoc -I ../../src/main/proto --python_out=. --grpc_python_out=. \\
        aitta/v1/kv.proto aitta/v1/admin.proto
    python example.py 127.0.0.1:7400
"""

import sys

import grpc

from aitta.v1 import kv_pb2
from aitta_table import Table, crc32c, error_details, partition_of


def tour(endpoint):
    table = Table(endpoint, "example-python", partitions=8)
    table.write(b"", "Flush", kv_pb2.FlushRequest())  # What an earlier run has left.
    print(f"connected: {len(table.nodes)} nodes, {table.partitions} partitions")

    # One key, at the node that is its partition's primary.
    key = b"greeting"
    version = table.write(key, "Set", kv_pb2.SetRequest(key=key, value=b"hello", time_to_live_millis=60_000)).version
    got = table.read(key, "Get", kv_pb2.GetRequest(key=key))
    assert got.found and got.version == version and got.remaining_millis <= 60_000
    print(f"get: {got.value.decode()}, from partition {partition_of(key, table.partitions)} on {table.primary_of(key)}")

    table.write(b"visits", "Increment", kv_pb2.IncrementRequest(key=b"visits", amount=40))
    print(f"increment: {table.write(b'visits', 'Increment', kv_pb2.IncrementRequest(key=b'visits', amount=2)).value}")

    # A condition that does not hold is an answer, not an error.
    unchanged = kv_pb2.Condition(version=version)
    first = table.write(key, "Set", kv_pb2.SetRequest(key=key, value=b"hi", condition=unchanged))
    too_late = kv_pb2.SetRequest(key=key, value=b"hey", condition=unchanged, return_previous=True)
    second = table.write(key, "Set", too_late)
    print(f"conditional set: {first.applied}, then {second.applied}, for it is '{second.previous.value.decode()}' now")

    # An error has a reason, which is stable; its message is for people.
    try:
        table.write(key, "Increment", kv_pb2.IncrementRequest(key=key, amount=1))
    except grpc.RpcError as error:
        reason, _, _ = error_details(error)
        if reason != "NOT_A_NUMBER":
            raise
        print(f"refused: {reason} ({error.details()})")

    # Keys with one {tag} share a partition, so they change together: all of it, or nothing.
    alice, bob = b"{bank}:alice", b"{bank}:bob"
    entries = [kv_pb2.KeyValue(key=alice, value=b"100"), kv_pb2.KeyValue(key=bob, value=b"0")]
    table.write(alice, "MultiSet", kv_pb2.MultiSetRequest(entries=entries))
    do = kv_pb2.TransactionOperation
    transfer = kv_pb2.TransactionRequest(
        compares=[kv_pb2.Compare(key=alice, condition=kv_pb2.Condition(value=b"100"))],
        then_operations=[
            do(increment=do.Increment(key=alice, amount=-30)),
            do(increment=do.Increment(key=bob, amount=30)),
        ],
        else_operations=[do(get=do.Get(key=alice))],
    )
    done = table.write(alice, "Transaction", transfer)
    print(f"transaction: {done.succeeded}, {[result.number for result in done.results]}")

    for page in table.stub(alice).Scan(kv_pb2.ScanRequest(table=table.name, range=kv_pb2.KeyRange(tag=b"bank"))):
        for entry in page.entries:
            print(f"scan: {entry.key.decode()} = {entry.value.decode()}")

    # Changes from now on, and later from where we stopped.
    token = None
    for events, now in table.watch(key):
        if not token:  # The watch stands, so this will be seen:
            table.write(key, "Set", kv_pb2.SetRequest(key=key, value=b"moi"))
        for event in events:
            print(f"watch: {kv_pb2.Event.Kind.Name(event.kind)} {event.key.decode()} {event.value.decode()}")
        token = now
        if events:
            break
    table.write(key, "Delete", kv_pb2.DeleteRequest(key=key))  # Nobody watches now, and nothing is missed.
    for events, _ in table.watch(key, token):
        for event in events:
            print(f"watch: {kv_pb2.Event.Kind.Name(event.kind)} {event.key.decode()}")
        if any(event.kind == kv_pb2.Event.DELETE for event in events):
            break


if __name__ == "__main__":
    # The test vectors of kv.proto.
    assert crc32c(b"") == 0x00000000
    assert crc32c(b"a") == 0xC1D04330
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert partition_of(b"user:{42}:name", 4096) == partition_of(b"42", 4096)
    tour(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7400")

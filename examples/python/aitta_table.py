"""What a client of Aitta needs beyond the generated calls: errors by their reason, the way to a key's primary, writes
that can be tried again, a watch that goes on. By the public protos alone; copy what you need.
"""

import os
import random
import sys
import time

import grpc
from google.rpc import error_details_pb2, status_pb2

from aitta.v1 import admin_pb2, admin_pb2_grpc, kv_pb2, kv_pb2_grpc

DEADLINE_SECONDS = 10
TRIES = 5


def error_details(error):
    """The reason of an error, its facts, and after how many seconds a later try is sensible (None: it is not)."""
    reason, facts, retry_seconds = None, {}, None
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
                if detail.Unpack(info):
                    reason, facts = info.reason, dict(info.metadata)
                elif detail.Unpack(retry):
                    retry_seconds = retry.retry_delay.ToTimedelta().total_seconds()
    return reason, facts, retry_seconds


def crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


CRC32C = list(crc32c_table())


def crc32c(data):
    """Castagnoli's, not the crc32 of zlib."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC32C[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def partition_of(key, partitions):
    """Of the hash tag if the key has one: b"user:{42}:name" goes where b"42" goes."""
    begin = key.find(b"{")
    end = key.find(b"}", begin + 1) if begin >= 0 else -1
    return crc32c(key[begin + 1 : end] if end > begin + 1 else key) % partitions


class Table:
    """A table, made if it is not there, with a connection to every node. Not thread-safe."""

    def __init__(self, endpoint, name, partitions):
        self.name, self.client_id, self.sequence = name, os.urandom(16), 0
        self.started_millis = time.time_ns() // 1_000_000
        with grpc.insecure_channel(endpoint) as channel:
            admin = admin_pb2_grpc.AdminStub(channel)
            try:
                request = admin_pb2.CreateTableRequest(name=name, partitions=partitions)
                admin.CreateTable(request, timeout=DEADLINE_SECONDS)
            except grpc.RpcError as error:
                if error_details(error)[0] != "TABLE_EXISTS":
                    raise
            topology = admin.GetTopology(admin_pb2.GetTopologyRequest(), timeout=DEADLINE_SECONDS)
        self.epoch = topology.epoch
        self.partitions = next(table.partitions for table in topology.tables if table.name == name)
        self.nodes = [node.id for node in topology.nodes]
        self.stubs = [kv_pb2_grpc.KvStub(grpc.insecure_channel(node.grpc_endpoint)) for node in topology.nodes]
        self.primaries = {
            partition.partition: replica.node
            for partition in topology.partitions
            for replica in partition.replicas
            if partition.table == name and replica.role == admin_pb2.PRIMARY
        }

    def primary_of(self, key):
        return self.primaries.get(partition_of(key, self.partitions), self.nodes[0])

    def stub(self, key, tries=1):
        """Of the primary's node; for further tries of any other, which passes requests on."""
        return self.stubs[(self.nodes.index(self.primary_of(key)) + tries - 1) % len(self.stubs)]

    def call(self, stub, method, request):
        """The answer says where the partition is now, if that has changed since the epoch we know."""
        request.table, request.header.epoch = self.name, self.epoch
        answer = getattr(stub, method)(request, timeout=DEADLINE_SECONDS)
        if answer.header.HasField("route"):
            self.primaries[answer.header.route.partition] = answer.header.route.primary_node
        return answer

    def read(self, key, method, request):
        return self.call(self.stub(key), method, request)

    def write(self, key, method, request):
        """Is tried again, with the same number, so that it is applied once whatever became of the first try."""
        self.sequence += 1
        session = request.header.session
        session.client_id, session.started_millis = self.client_id, self.started_millis
        # One write is under way at a time, so all before this one have been answered or given up.
        session.sequence = session.acknowledged_below = self.sequence
        for tries in range(1, TRIES + 1):
            try:
                return self.call(self.stub(key, tries), method, request)
            except grpc.RpcError as error:
                reason, _, retry_seconds = error_details(error)
                # Without a reason it was not a node that answered: the connection broke, or it took too long.
                unknown = reason in (None, "OUTCOME_UNKNOWN")
                if tries == TRIES or not (retry_seconds or unknown):
                    raise
                time.sleep((retry_seconds or 0.1) * tries * random.uniform(0.5, 1.5))

    def watch(self, key, token=b""):
        """Changes of a key as they happen, with the token to go on after them. The first answer has none: the watch
        stands."""
        for tries in range(1, sys.maxsize):
            stream = self.stub(key, tries).Watch(kv_pb2.WatchRequest(table=self.name, key=key, token=token))
            try:
                for answer in stream:
                    token = answer.token or token  # An empty one means: keep the one before.
                    yield answer.events, token
            except grpc.RpcError as error:
                # A stream that breaks is opened again. After TOKEN_EXPIRED the caller has to read everything anew.
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.1)
            finally:
                stream.cancel()

// What a client of Aitta needs beyond the generated calls: errors by their reason, the way to a key's primary, writes
// that can be tried again, a watch that goes on. By the public protos alone; copy what you need.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const DEADLINE_MILLIS = 10_000;
const TRIES = 5;

// 64-bit numbers come as strings, since a JavaScript number cannot hold all of them.
const definition = protoLoader.loadSync(['aitta/v1/kv.proto', 'aitta/v1/admin.proto', 'errors.proto'], {
  includeDirs: ['../../src/main/proto', '.'].map((dir) => fileURLToPath(new URL(dir, import.meta.url))),
  keepCase: true, longs: String, enums: String, defaults: true,
});
const { aitta: { v1: aitta }, google: { rpc } } = grpc.loadPackageDefinition(definition);

// ---- calls and their errors ----

/** One unary call, as a promise. */
function call(client, method, request) {
  const deadline = Date.now() + DEADLINE_MILLIS;
  return new Promise((resolve, reject) => {
    client[method](request, { deadline }, (error, response) => (error ? reject(explained(error)) : resolve(response)));
  });
}

/** The error with what programs need to know: `reason` and `facts` of its ErrorInfo, `retryMillis` of its RetryInfo. */
function explained(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  for (const { type_url, value } of bytes ? rpc.Status.deserialize(bytes).details : []) {
    if (type_url.endsWith('/google.rpc.ErrorInfo')) {
      const { reason, metadata } = rpc.ErrorInfo.deserialize(value);
      Object.assign(error, { reason, facts: metadata });
    } else if (type_url.endsWith('/google.rpc.RetryInfo')) {
      const { seconds, nanos } = rpc.RetryInfo.deserialize(value).retry_delay;
      error.retryMillis = seconds * 1000 + nanos / 1e6;
    }
  }
  return error;
}

// ---- which partition a key belongs to ----

const CRC32C = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0x82f63b78 : byte >>> 1;
  return byte;
});

/** Castagnoli's, not the CRC32 of zlib. */
export function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC32C[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Of the hash tag if the key has one: "user:{42}:name" goes where "42" goes. */
export function partitionOf(key, partitions) {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  return crc32c(close > open + 1 ? key.subarray(open + 1, close) : key) % partitions;
}

// ---- a table ----

export class Table {
  #session = { client_id: randomBytes(16), started_millis: Date.now() };
  #sequence = 0;

  /** Asks any node for the table, makes it if it is not there, and connects to all nodes. */
  static async open(endpoint, name, options) {
    const admin = new aitta.Admin(endpoint, grpc.credentials.createInsecure());
    try {
      await call(admin, 'CreateTable', { name, ...options }).catch((error) => {
        if (error.reason !== 'TABLE_EXISTS') throw error;
      });
      return new Table(name, await call(admin, 'GetTopology', {}));
    } finally {
      admin.close();
    }
  }

  constructor(name, { epoch, nodes, tables, partitions }) {
    this.name = name;
    this.epoch = epoch;
    this.nodes = nodes.map(({ id }) => id);
    this.partitions = tables.find((table) => table.name === name).partitions;
    this.clients = nodes.map((node) => new aitta.Kv(node.grpc_endpoint, grpc.credentials.createInsecure()));
    this.primaries = new Map(partitions.filter(({ table }) => table === name).map(
      ({ partition, replicas }) => [partition, replicas.find(({ role }) => role === 'PRIMARY')?.node]));
  }

  close() {
    this.clients.forEach((client) => client.close());
  }

  primaryOf(key) {
    return this.primaries.get(partitionOf(key, this.partitions));
  }

  /** The client of the primary's node; for further tries that of any other, which passes requests on. */
  client(key, tries = 1) {
    const first = Math.max(0, this.nodes.indexOf(this.primaryOf(key)));
    return this.clients[(first + tries - 1) % this.clients.length];
  }

  /** The answer says where the partition is now, if that has changed since the epoch we know. */
  async #call(client, method, request, session) {
    const header = { epoch: this.epoch, session };
    const response = await call(client, method, { header, table: this.name, ...request });
    const route = response.header?.route;
    if (route) this.primaries.set(route.partition, route.primary_node);
    return response;
  }

  read(key, method, request) {
    return this.#call(this.client(key), method, request);
  }

  /**
   * A write that is tried again, with the same number, so that it is applied once whatever became of the first try.
   * There is one write under way at a time, so all before this one have been answered or given up.
   */
  async write(key, method, request) {
    this.#sequence += 1;
    const session = { ...this.#session, sequence: this.#sequence, acknowledged_below: this.#sequence };
    for (let tries = 1; ; tries++) {
      try {
        return await this.#call(this.client(key, tries), method, request, session);
      } catch (error) {
        // Without a reason it was not a node that answered: the connection broke, or there was no answer in time.
        const unknown = !error.reason || error.reason === 'OUTCOME_UNKNOWN';
        if (tries === TRIES || !(error.retryMillis || unknown)) throw error;
        await sleep((error.retryMillis ?? 100) * tries * (0.5 + Math.random()));
      }
    }
  }

  /**
   * Changes as they happen, with the token to go on after them later. The first answer has none: the watch stands.
   * A stream that breaks is opened again; after TOKEN_EXPIRED the caller has to read everything anew.
   */
  async *watch(what, token) {
    for (let tries = 1; ; tries++) {
      const client = this.client(what.key ?? what.prefix ?? Buffer.of(), tries);
      const stream = client.Watch({ table: this.name, ...what, token });
      try {
        for await (const response of stream) {
          if (response.token.length > 0) token = response.token; // An empty one means: keep the one before.
          yield { events: response.events, token };
        }
      } catch (error) {
        if (explained(error).code !== grpc.status.UNAVAILABLE) throw error;
        await sleep(error.retryMillis ?? 100);
      } finally {
        stream.cancel();
      }
    }
  }
}

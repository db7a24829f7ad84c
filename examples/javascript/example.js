// A tour of Aitta from JavaScript. Run it with the gRPC address of any node:
//
//   npm ci && node example.js 127.0.0.1:7400
import assert from 'node:assert/strict';
import { crc32c, partitionOf, Table } from './aitta.js';

const bytes = (text) => Buffer.from(text); // Keys and values are Buffers: a string would be taken for base64.

// The test vectors of kv.proto.
assert.equal(crc32c(bytes('')), 0x00000000);
assert.equal(crc32c(bytes('a')), 0xc1d04330);
assert.equal(crc32c(bytes('123456789')), 0xe3069283);
assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
assert.equal(partitionOf(bytes('user:{42}:name'), 4096), partitionOf(bytes('42'), 4096));

const table = await Table.open(process.argv[2] ?? '127.0.0.1:7400', 'example-javascript', { partitions: 8 });
await table.write(bytes(''), 'Flush', {}); // What an earlier run has left.
console.log(`connected: ${table.nodes.length} nodes, ${table.partitions} partitions`);

// One key, at the node that is its partition's primary.
const key = bytes('greeting');
const { version } = await table.write(key, 'Set', { key, value: bytes('hello'), time_to_live_millis: 60_000 });
const got = await table.read(key, 'Get', { key });
assert.equal(got.version, version);
assert(got.remaining_millis <= 60_000);
console.log(`get: ${got.value}, from partition ${partitionOf(key, table.partitions)} on ${table.primaryOf(key)}`);

const visits = bytes('visits');
await table.write(visits, 'Increment', { key: visits, amount: 40 });
const { value } = await table.write(visits, 'Increment', { key: visits, amount: 2 });
console.log(`increment: ${value}`);

// A condition that does not hold is an answer, not an error.
const condition = { version };
const first = await table.write(key, 'Set', { key, value: bytes('hi'), condition });
const second = await table.write(key, 'Set', { key, value: bytes('hey'), condition, return_previous: true });
console.log(`conditional set: ${first.applied}, then ${second.applied}, for it is '${second.previous.value}' now`);

// An error has a reason, which is stable; its message is for people.
try {
  await table.write(key, 'Increment', { key, amount: 1 });
} catch (error) {
  if (error.reason !== 'NOT_A_NUMBER') throw error;
  console.log(`refused: ${error.reason} (${error.details})`);
}

// Keys with one {tag} share a partition, so they change together: all of it, or nothing.
const [alice, bob] = [bytes('{bank}:alice'), bytes('{bank}:bob')];
const entries = [{ key: alice, value: bytes('100') }, { key: bob, value: bytes('0') }];
await table.write(alice, 'MultiSet', { entries });
const transfer = await table.write(alice, 'Transaction', {
  compares: [{ key: alice, condition: { value: bytes('100') } }],
  then_operations: [{ increment: { key: alice, amount: -30 } }, { increment: { key: bob, amount: 30 } }],
  else_operations: [{ get: { key: alice } }],
});
console.log(`transaction: ${transfer.succeeded}, ${transfer.results.map(({ number }) => number)}`);

for await (const { entries } of table.client(alice).Scan({ table: table.name, range: { tag: bytes('bank') } })) {
  for (const entry of entries) console.log(`scan: ${entry.key} = ${entry.value}`);
}

// Changes from now on, and later from where we stopped.
let token;
for await (const answer of table.watch({ key })) {
  if (!token) await table.write(key, 'Set', { key, value: bytes('moi') }); // The watch stands, so this will be seen.
  for (const event of answer.events) console.log(`watch: ${event.kind} ${event.key} ${event.value}`);
  token = answer.token;
  if (answer.events.length > 0) break;
}
await table.write(key, 'Delete', { key }); // Nobody watches now, and nothing is missed.
for await (const answer of table.watch({ key }, token)) {
  for (const event of answer.events) console.log(`watch: ${event.kind} ${event.key}`);
  if (answer.events.some(({ kind }) => kind === 'DELETE')) break;
}

// Many requests on one stream, answered as they finish. An error is that of one request.
const pipeline = table.client(key).Pipeline();
for (let first = 1; first <= 1000; first += 100) {
  const ids = Array.from({ length: 100 }, (_, i) => first + i);
  const set = (id) => ({ table: table.name, key: bytes(`many:${id}`), value: bytes(`${id}`) });
  pipeline.write({ calls: ids.map((id) => ({ id, set: set(id) })) });
}
pipeline.end();
let done = 0;
for await (const { answers } of pipeline) {
  for (const { id, error } of answers) {
    if (error) console.log(`request ${id}: ${error.reason} (${error.message})`);
    else done += 1;
  }
}
console.log(`pipeline: ${done} sets`);
table.close();

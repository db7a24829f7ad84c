// What the page shows, put together from what the API answered.

import { number } from './format.js';

/** Log entries by which a replica may be behind without being called a laggard: what is under way at any moment. */
export const LAG_WORTH_TELLING = 1000;

const LIVE = new Set(['NODE_UP', 'NODE_DRAINING', 'NODE_JOINING']);

export const isLive = (node) => LIVE.has(node.state);

/** Those that belong to the cluster: the API lists the last that were removed too, and that is no trouble. */
export const membersOf = (nodes) => nodes.filter((node) => node.state !== 'NODE_REMOVED');

export const nameOf = (partition) => `${partition.table}/${partition.partition}`;

/** Why a replica is to be looked at: `bad`, `busy` or `lag`; empty: it is not. With the words for it. */
export function flagOf(replica, partition, nodes) {
  const node = nodes.get(replica.node);
  const state = replica.state;
  if (node && !isLive(node)) {
    return ['bad', `its node is ${node.state.replace('NODE_', '').toLowerCase()}`];
  }
  if (state?.failed) {
    return ['bad', 'not recovered, or its binlog has failed'];
  }
  if (state && !state.known) {
    return ['bad', 'its node does not answer for it'];
  }
  if (partition.state === 'NO_PRIMARY') {
    return ['bad', 'its partition has no primary'];
  }
  if (state?.copying) {
    return ['busy', 'is being given a whole copy'];
  }
  if (partition.state === 'STUCK') {
    return ['busy', "the primary's role is being handed over"];
  }
  if (partition.state === 'SLOWDOWN') {
    return ['busy', 'writers are throttled while a replica catches up'];
  }
  if (number(state?.lag) > LAG_WORTH_TELLING) {
    return ['lag', `lacks ${number(state.lag)} log entries`];
  }
  return ['', ''];
}

/** The partition without a primary that serves: nobody is told to be, or its node is gone. */
export function lacksPrimary(partition, nodes) {
  if (partition.state && partition.state !== 'PARTITION_STATE_UNSPECIFIED') {
    return partition.state === 'NO_PRIMARY';
  }
  const primary = partition.replicas.find((replica) => replica.role === 'PRIMARY');
  return !primary || !isLive(nodes.get(primary.node) ?? {});
}

/** Voters on nodes that live. */
export function liveVoters(partition, nodes) {
  return partition.replicas.filter((replica) => replica.role !== 'LEARNER' && isLive(nodes.get(replica.node) ?? {})).length;
}

/** What somebody should know before anything else: `[{kind: bad | warn, key, text}]`, the worst first. */
export function attention(nodes, partitions, topology, since) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = [];
  const tell = (kind, key, text) => found.push({ kind, key, text });
  for (const node of nodes) {
    if (!isLive(node)) {
      tell('bad', `node ${node.id}`, `${node.id} is ${node.state.replace('NODE_', '').toLowerCase()}${since(node.id)}`);
    } else if (node.state === 'NODE_DRAINING' || node.draining) {
      tell('warn', `node ${node.id}`, `${node.id} is being drained`);
    }
  }
  const orphans = partitions.filter((partition) => lacksPrimary(partition, byId));
  if (orphans.length > 0) {
    tell('bad', 'primary', `${some(orphans)} without a primary`);
  }
  const thin = partitions.filter((partition) => liveVoters(partition, byId) < number(partition.replicas_wanted));
  if (thin.length > 0) {
    tell('warn', 'thin', `${some(thin)} with fewer live replicas than wanted`);
  }
  const failed = partitions.filter((partition) => partition.replicas.some((replica) => replica.state?.failed));
  if (failed.length > 0) {
    tell('bad', 'failed', `${some(failed)} with a failed replica`);
  }
  const late = partitions.filter((partition) => maxLag(partition) > LAG_WORTH_TELLING);
  if (late.length > 0) {
    tell('warn', 'late', `${some(late)} with a replica more than ${LAG_WORTH_TELLING} entries behind`);
  }
  if (topology?.balancing_paused) {
    tell('warn', 'balancing', 'balancing is paused');
  }
  return found.sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'bad' ? -1 : 1));
}

function some(partitions) {
  const names = partitions.slice(0, 4).map(nameOf).join(', ');
  const more = partitions.length > 4 ? ` and ${partitions.length - 4} more` : '';
  return `${partitions.length} ${partitions.length === 1 ? 'partition' : 'partitions'} (${names}${more})`;
}

export function maxLag(partition) {
  return Math.max(0, ...partition.replicas.map((replica) => number(replica.state?.lag)));
}

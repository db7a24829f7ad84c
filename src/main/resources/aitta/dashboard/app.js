// Begins here: asks the node for everything again and again, and hands what it answers to those who show it.

import { denies, Feed, hasToken, useToken } from './api.js';
import { LineChart, Samples } from './chart.js';
import { attribute, byId, el, follow, notice, text } from './dom.js';
import { bytes, count, latency, millis, number, rate, roundMillis, short } from './format.js';
import { KeyBrowser } from './keys.js';
import { ClusterMap } from './map.js';
import { attention, isLive, lacksPrimary, maxLag, membersOf, nameOf } from './model.js';
import { nodesTable, showMigrations, showNodes, showSlowLog, showTables, slowLogTable, tablesTable } from './panels.js';

/** The API tells the live state of no more partitions than this at once. */
const MOST_LIVE_PARTITIONS = 4096;
/** An answer older than this is shown as what it was, not as what is. */
const STALE_MILLIS = 6000;

const samples = new Samples();
const downSince = new Map();
const tables = { nodes: nodesTable(), tables: tablesTable(), slowLog: slowLogTable() };
const keys = new KeyBrowser();
const map = new ClusterMap(byId('cluster-map'), byId('inspector'), byId('map-table'), () => {
  feeds.partitions.refresh();
  show();
});

const feeds = {
  nodes: new Feed('nodes', 1000, () => ['nodes'], toldNodes),
  topology: new Feed('topology', 10_000, () => ['topology'], told),
  partitions: new Feed('partitions', 2000, livePartitions, told),
  info: new Feed('info', 1000, () => ['info'], toldInfo),
  migrations: new Feed('migrations', 2000, () => ['migrations', { ended: true }], told),
  slowLog: new Feed('slow-log', 3000, () => ['slow-log'], told),
};

function livePartitions() {
  const topology = feeds.topology.data;
  const table = byId('map-table').value;
  const partitions = topology?.partitions?.filter((one) => !table || one.table === table).length ?? 0;
  return partitions > MOST_LIVE_PARTITIONS ? null : ['partitions', { live: true, table }];
}

// ---- what was told -----------------------------------------------------------------------------------------------------

function toldNodes(feed) {
  const now = Date.now();
  for (const node of feed.data?.nodes ?? []) {
    if (isLive(node)) {
      downSince.delete(node.id);
    } else if (!downSince.has(node.id)) {
      downSince.set(node.id, now);
    }
  }
  if (feed.data && feeds.topology.data && feed.data.epoch !== feeds.topology.data.epoch) {
    feeds.topology.refresh();
  }
  told(feed);
}

function toldInfo(feed) {
  if (feed.error) {
    samples.add(Date.now(), {});
  } else {
    const traffic = feed.data.traffic ?? {};
    samples.add(Date.now(), {
      reads: number(traffic.reads_per_second),
      writes: number(traffic.writes_per_second),
      failures: number(traffic.failures_per_second),
      'read-p50': number(traffic.read_p50_millis) || null,
      'read-p99': number(traffic.read_p99_millis) || null,
      'write-p50': number(traffic.write_p50_millis) || null,
      'write-p99': number(traffic.write_p99_millis) || null,
      lag: Math.max(0, ...(feed.data.tables ?? []).map((table) => number(table.max_lag))),
    });
  }
  told(feed);
}

let drawing = false;

function told() {
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      show();
    });
  }
}

// ---- charts ------------------------------------------------------------------------------------------------------------

const charts = [
  new LineChart(byId('chart-throughput'), {
    title: 'Requests a second',
    samples,
    format: rate,
    tick: short,
    series: [
      { id: 'reads', label: 'reads' },
      { id: 'writes', label: 'writes' },
      { id: 'failures', label: 'failures' },
    ],
  }),
  new LineChart(byId('chart-latency'), {
    title: 'Latency',
    samples,
    format: millis,
    tick: roundMillis,
    series: [
      { id: 'read-p99', label: 'read p99' },
      { id: 'write-p99', label: 'write p99' },
      { id: 'read-p50', label: 'read p50', dashed: true },
      { id: 'write-p50', label: 'write p50', dashed: true },
    ],
  }),
  new LineChart(byId('chart-lag'), {
    title: 'Lag of the last replica, log entries',
    samples,
    format: count,
    tick: short,
    series: [{ id: 'lag', label: 'lag' }],
  }),
];

// ---- showing -----------------------------------------------------------------------------------------------------------

function show() {
  const topology = feeds.topology.data;
  const listed = feeds.nodes.data?.nodes ?? topology?.nodes ?? [];
  const nodes = membersOf(listed);
  const partitions = partitionsNow();
  const loads = loadsByNode();
  showConnection();
  showTiles(nodes, partitions);
  showAttention(nodes, partitions);
  map.show({ nodes, partitions, tables: topology?.tables ?? [], orchestrator: topology?.orchestrator_node, loads });
  charts.forEach((chart) => chart.draw());
  showNodes(tables.nodes, listed, loads);
  showTables(tables.tables, topology?.tables ?? [], feeds.info.data, lagsByTable(partitions));
  keys.offer(topology?.tables ?? []);
  if (feeds.migrations.data) {
    showMigrations(feeds.migrations.data);
  }
  if (feeds.slowLog.data) {
    showSlowLog(tables.slowLog, feeds.slowLog.data);
  }
  showProblems();
}

/** Who holds what by the newest topology that was told, and how the replicas are where that is known. */
function partitionsNow() {
  const topology = feeds.topology.data;
  const live = feeds.partitions.error || Date.now() - feeds.partitions.at > STALE_MILLIS ? null : feeds.partitions.data;
  if (!live) {
    return topology?.partitions ?? [];
  }
  const told = new Map((live.partitions ?? []).map((partition) => [nameOf(partition), partition]));
  if (!topology) {
    return [...told.values()];
  }
  const isNewer = BigInt(live.epoch) >= BigInt(topology.epoch);
  return (topology.partitions ?? []).map((partition) => {
    const known = told.get(nameOf(partition));
    return !known ? partition : isNewer ? known : withStates(partition, known);
  });
}

/** Of the holders by the topology, the states that were told when it was another one. */
function withStates(partition, known) {
  const states = new Map(known.replicas.map((replica) => [replica.node, replica.state]));
  return { ...partition, replicas: partition.replicas.map((replica) => ({ ...replica, state: states.get(replica.node) })) };
}

function loadsByNode() {
  const loads = new Map();
  for (const status of feeds.info.data?.nodes ?? []) {
    if (status.answered) {
      loads.set(status.node, {
        reads: number(status.traffic?.reads_per_second),
        writes: number(status.traffic?.writes_per_second),
        writeP99: number(status.traffic?.write_p99_millis),
        maxLag: number(status.max_lag),
        storeBytes: number(status.store_bytes),
        journalBytes: number(status.journal_bytes),
        diskBytes: number(status.disk_bytes),
        diskFreeBytes: number(status.disk_free_bytes),
        uptimeMillis: number(status.uptime_millis),
      });
    }
  }
  return loads;
}

function lagsByTable(partitions) {
  const lags = new Map();
  for (const partition of partitions) {
    lags.set(partition.table, Math.max(lags.get(partition.table) ?? 0, maxLag(partition)));
  }
  return lags;
}

function showTiles(nodes, partitions) {
  const byNode = new Map(nodes.map((node) => [node.id, node]));
  const up = nodes.filter(isLive).length;
  const served = partitions.filter((partition) => !lacksPrimary(partition, byNode)).length;
  const traffic = feeds.info.data?.traffic;
  const size = feeds.info.data?.nodes?.reduce((sum, status) => sum + number(status.store_bytes), 0);
  const lag = Math.max(0, ...partitions.map(maxLag));
  const tiles = [
    { name: 'Nodes up', value: nodes.length > 0 ? `${up} of ${nodes.length}` : '–', bad: up < nodes.length },
    { name: 'Partitions served', value: partitions.length > 0 ? `${served} of ${partitions.length}` : '–', bad: served < partitions.length },
    { name: 'Epoch', value: feeds.nodes.data?.epoch ?? feeds.topology.data?.epoch ?? '–' },
    { name: 'Reads', value: traffic ? rate(traffic.reads_per_second) : '–' },
    { name: 'Writes', value: traffic ? rate(traffic.writes_per_second) : '–' },
    { name: 'Write p99', value: latency(traffic?.write_p99_millis) },
    { name: 'Max lag', value: partitions.length > 0 ? count(lag) : '–' },
    { name: 'Stored', value: size === undefined ? '–' : bytes(size) },
  ];
  const make = (tile) => el('div', { class: 'tile', 'data-tile': tile.name }, el('span', { class: 'quiet' }, tile.name), el('b'));
  follow(byId('tiles'), tiles, (tile) => tile.name, make, (element, tile) => {
    text(element.lastChild, tile.value);
    attribute(element, 'data-bad', Boolean(tile.bad));
  });
}

function showAttention(nodes, partitions) {
  const since = (node) => (downSince.has(node) ? ` since ${new Date(downSince.get(node)).toLocaleTimeString('en-GB')}` : '');
  const found = nodes.length > 0 ? attention(nodes, partitions, feeds.topology.data, since) : [];
  const make = () => el('li');
  follow(byId('attention'), found, (one) => one.key, make, (element, one) => {
    attribute(element, 'data-kind', one.kind);
    text(element, one.text);
  });
  const bad = found.filter((one) => one.kind === 'bad').length;
  document.title = `${bad > 0 ? `(${bad}) ` : ''}Aitta`;
}

// ---- how the connection is ---------------------------------------------------------------------------------------------

function showConnection() {
  const { data, error, at, tookMillis } = feeds.nodes;
  const pill = byId('connection');
  const refused = error && error.kind !== 'lost' && error.kind !== 'denied';
  const lost = error?.kind === 'lost' || (data && Date.now() - at > STALE_MILLIS && !Feed.resting());
  const [state, said] = Feed.paused
    ? ['waiting', 'paused']
    : error?.kind === 'denied'
      ? ['waiting', 'a token is needed']
      : refused
        ? ['lost', 'refused']
        : lost
          ? ['lost', 'no connection']
          : data
            ? ['live', `live, ${Math.max(1, Math.round(tookMillis))} ms`]
            : ['waiting', 'connecting'];
  attribute(pill, 'data-state', state);
  text(byId('connection-text'), said);
  attribute(document.body, 'data-stale', state === 'lost');
  showLost(state === 'lost' && !refused, at);
  const id = feeds.topology.data?.cluster_id;
  byId('cluster-id').hidden = !id;
  text(byId('cluster-id'), id ?? '');
  text(byId('footer-node'), location.host);
}

/** The page knows one node only; where the others are it remembers. */
function showLost(lost, at) {
  const place = byId('lost');
  if (place.hidden !== lost) {
    return;
  }
  place.hidden = !lost;
  if (lost) {
    const others = (feeds.topology.data?.nodes ?? []).filter((node) => node.http_endpoint && node.http_endpoint !== location.host);
    const links = others.flatMap((node) => [' ', el('a', { href: `${location.protocol}//${node.http_endpoint}/` }, node.id)]);
    const seen = at ? ` What is shown is from ${new Date(at).toLocaleTimeString('en-GB')}.` : '';
    place.replaceChildren(`${location.host} does not answer; asking again.${seen}`, ...(links.length > 0 ? [' Ask another node:', ...links] : []));
  }
}

const WHERE = { nodes: 'nodes', partitions: 'partitions', info: 'info', migrations: 'migrations', slowLog: 'slow-log', topology: 'tables' };
const WITHOUT = {
  nodes: 'the list of nodes',
  partitions: 'the live state of partitions: roles are shown as the topology has them',
  info: 'load and latency',
  migrations: 'migrations',
  slowLog: 'the slow log',
  topology: 'the topology',
};

/** Only administrators see it; who is none needs not be asked for a token to see the rest. */
const isForAdmins = (feed) => feed === feeds.slowLog;

function showProblems() {
  for (const [name, feed] of Object.entries(feeds)) {
    const { error } = feed;
    if (!error || error.kind === 'lost') {
      notice(WHERE[name], '', null);
    } else if (error.kind === 'missing') {
      notice(WHERE[name], 'quiet', `This node does not tell ${WITHOUT[name]} (aitta/v1/${feed.name} is missing).`);
    } else if (isForAdmins(feed) && (error.kind === 'denied' || error.kind === 'forbidden')) {
      notice(WHERE[name], 'quiet', `Parts of keys are in ${WITHOUT[name]}: only administrators of all tables may see it (${error.message}).`);
    } else {
      notice(WHERE[name], 'bad', error.message);
    }
  }
  const denied = Object.values(feeds).find((feed) => denies(feed.error) && !isForAdmins(feed));
  if (denied && !asked) {
    askForToken(hasToken() ? `The token is not accepted: ${denied.error.message}` : 'This node asks for a token.');
  }
}

// ---- the token ---------------------------------------------------------------------------------------------------------

let asked = false;
const dialog = byId('token-dialog');
const WHY = byId('token-why').textContent;

function askForToken(why) {
  asked = true;
  text(byId('token-why'), `${why ? `${why} ` : ''}${WHY}`);
  byId('token-input').value = '';
  dialog.showModal();
}

function haveToken(token) {
  useToken(token);
  asked = false;
  dialog.close();
  Object.values(feeds).forEach((feed) => feed.refresh());
}

keys.told = (failure) => {
  if (denies(failure)) {
    askForToken('To see keys a token is needed.');
  }
};
byId('token').addEventListener('click', () => askForToken(''));
byId('token-cancel').addEventListener('click', () => dialog.close());
byId('token-forget').addEventListener('click', () => haveToken(''));
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  haveToken(byId('token-input').value.trim());
});

// ---- begin -------------------------------------------------------------------------------------------------------------

byId('pause').addEventListener('click', () => {
  Feed.paused = !Feed.paused;
  attribute(byId('pause'), 'aria-pressed', String(Feed.paused));
  text(byId('pause'), Feed.paused ? 'Go on' : 'Pause');
  wake();
});
document.addEventListener('visibilitychange', wake);

function wake() {
  if (Feed.resting()) {
    showConnection();
  } else {
    Object.values(feeds).forEach((feed) => feed.refresh());
  }
}

wake();

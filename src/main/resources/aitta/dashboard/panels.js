// The panels that are lists: nodes, tables, migrations, the slow log.

import { attribute, byId, el, follow, ListTable, text } from './dom.js';
import { bytes, clock, count, latency, millis, number, plural, rate, roundMillis, span, visible, words } from './format.js';
import { isLive } from './model.js';

const UNKNOWN = '–';

const known = (value, format) => (value === undefined || value === null ? UNKNOWN : format(value));

const stateChip = (state) => el('span', { class: 'state', 'data-state': state }, words(state));

// ---- nodes -------------------------------------------------------------------------------------------------------------

/** A bar of how much of a whole is used, and the words for it. */
function usage(used, whole) {
  const percent = Math.round((100 * used) / whole);
  return el(
    'span',
    { class: 'usage' },
    el('meter', { min: 0, max: 100, high: 85, low: 70, optimum: 0, value: percent, 'aria-label': 'disk used' }),
    ` ${percent} % of ${bytes(whole)}`,
  );
}

export function nodesTable() {
  return new ListTable(
    byId('nodes-table'),
    [
      { label: 'Node', head: true, of: ({ node }) => node.id },
      { label: 'State', of: ({ node }) => stateChip(node.state) },
      { label: 'Zone', of: ({ node }) => node.zone || UNKNOWN },
      { label: 'Primary', number: true, of: ({ node }) => count(node.primaries) },
      { label: 'Secondary', number: true, of: ({ node }) => count(node.secondaries) },
      { label: 'Learner', number: true, of: ({ node }) => count(node.learners) },
      { label: 'Reads', number: true, of: ({ load }) => known(load?.reads, rate) },
      { label: 'Writes', number: true, of: ({ load }) => known(load?.writes, rate) },
      { label: 'Write p99', number: true, of: ({ load }) => latency(load?.writeP99) },
      { label: 'Lag', number: true, of: ({ load }) => known(load?.maxLag, count) },
      { label: 'Store', number: true, of: ({ load }) => known(load?.storeBytes, bytes) },
      { label: 'Binlogs', number: true, of: ({ load }) => known(load?.journalBytes, bytes) },
      { label: 'Disk', of: ({ load }) => (load?.diskBytes > 0 ? usage(load.diskBytes - load.diskFreeBytes, load.diskBytes) : UNKNOWN) },
      { label: 'Up for', number: true, of: ({ load }) => known(load?.uptimeMillis, span) },
    ],
    { caption: 'Nodes', keyOf: ({ node }) => node.id, empty: 'No node is known yet.' },
  );
}

export function showNodes(table, nodes, loads) {
  table.show(
    nodes.map((node) => ({ node, load: loads.get(node.id) })),
    (row, { node }) => attribute(row, 'data-live', String(isLive(node))),
  );
}

// ---- tables ------------------------------------------------------------------------------------------------------------

export function tablesTable() {
  return new ListTable(
    byId('tables-table'),
    [
      { label: 'Table', head: true, of: ({ table }) => table.name },
      { label: 'Partitions', number: true, of: ({ table }) => count(table.partitions) },
      { label: 'Replicas', number: true, of: ({ table }) => count(table.replicas) },
      { label: 'Too few replicas', number: true, of: ({ table, status }) => count(status?.under_replicated ?? table.under_replicated) },
      { label: 'Size', number: true, of: ({ status }) => known(status?.store_bytes, bytes) },
      { label: 'Reads', number: true, of: ({ status }) => known(status?.traffic?.reads_per_second, rate) },
      { label: 'Writes', number: true, of: ({ status }) => known(status?.traffic?.writes_per_second, rate) },
      { label: 'Read p99', number: true, of: ({ status }) => latency(status?.traffic?.read_p99_millis) },
      { label: 'Write p99', number: true, of: ({ status }) => latency(status?.traffic?.write_p99_millis) },
      { label: 'Max lag', number: true, of: ({ status, lag }) => count(status?.max_lag ?? lag) },
      { label: 'Time to live', number: true, of: ({ table }) => timeToLive(table) },
    ],
    { caption: 'Tables', keyOf: ({ table }) => table.name, empty: 'There is no table.' },
  );
}

function timeToLive(table) {
  const value = number(table.options?.default_time_to_live_millis);
  return value > 0 ? span(value) : 'none';
}

export function showTables(list, tables, info, lags) {
  const statuses = new Map((info?.tables ?? []).map((status) => [status.table, status]));
  list.show(
    tables.map((table) => ({ table, status: statuses.get(table.name), lag: lags.get(table.name) ?? 0 })),
    (row, { table, status }) => attribute(row, 'data-flag', number(status?.without_primary) > 0 ? 'bad' : number(table.under_replicated) > 0 ? 'warn' : null),
  );
}

// ---- migrations --------------------------------------------------------------------------------------------------------

const OVER = new Set(['DONE', 'CANCELLED', 'FAILED']);

export function showMigrations(data) {
  const all = data.migrations ?? [];
  const running = all.filter((one) => !OVER.has(one.phase));
  const ended = all.filter((one) => OVER.has(one.phase)).sort((a, b) => number(b.ended_millis) - number(a.ended_millis));
  const planned = data.planned === undefined ? '' : `, ${count(data.planned)} planned`;
  text(byId('migrations-summary'), `${running.length} under way${planned}${data.balancing_paused ? ', balancing is paused' : ''}`);
  follow(byId('migrations-list'), running, (one) => one.id, newMigration, updateMigration);
  byId('migrations-ended').hidden = ended.length === 0;
  text(byId('migrations-ended').firstElementChild, `${plural(ended.length, 'migration')} ended`);
  follow(byId('migrations-ended-list'), ended, (one) => one.id, newMigration, updateMigration);
}

function newMigration(one) {
  return el(
    'li',
    { 'data-migration': one.id },
    el('b', { class: 'what' }),
    el('span', { class: 'state phase' }),
    el('progress', { max: 100, 'aria-label': `Progress of migration ${one.id}` }),
    el('span', { class: 'percent number' }),
    el('p', { class: 'quiet how' }),
  );
}

function updateMigration(element, one) {
  const [what, phase, progress, percent, how] = element.children;
  text(what, `${one.table}/${one.partition}  ${way(one)}`);
  text(phase, words(one.phase));
  attribute(phase, 'data-phase', one.phase);
  const done = one.phase === 'DONE' ? 100 : (one.percent ?? 0);
  progress.value = done;
  progress.hidden = OVER.has(one.phase);
  percent.hidden = OVER.has(one.phase);
  text(percent, `${done} %`);
  const copied = number(one.copy_bytes) > 0 ? `${bytes(one.copied_bytes)} of ${bytes(one.copy_bytes)} copied` : null;
  const lag = number(one.lag) > 0 ? `lacks ${plural(number(one.lag), 'entry', 'entries')}` : null;
  const time = OVER.has(one.phase)
    ? `ended ${clock(one.ended_millis)}, took ${span(number(one.ended_millis) - number(one.begun_millis))}`
    : `begun ${clock(one.begun_millis)}`;
  text(how, [`#${one.id}`, words(one.cause), one.learner ? 'learner' : null, copied, lag, time, one.message].filter(Boolean).join(' · '));
}

function way({ from, to }) {
  return from && to ? `${from} → ${to}` : to ? `new on ${to}` : `away from ${from}`;
}

// ---- slow log ----------------------------------------------------------------------------------------------------------

const STAGES = ['queue', 'journal', 'replication', 'apply'];

export function slowLogTable() {
  return new ListTable(
    byId('slow-log-table'),
    [
      { label: 'When', of: (one) => clock(one.wall_time_millis) },
      { label: 'Operation', head: true, of: (one) => one.operation },
      { label: 'Took', number: true, of: (one) => millis(one.millis) },
      { label: 'Of it', wide: true, of: (one) => stages(one) },
      { label: 'Key', wide: true, of: (one) => el('code', {}, `${one.table}${one.partition === undefined ? '' : `/${one.partition}`}  ${visible(one.key ?? '')}`) },
      { label: 'Outcome', of: (one) => one.outcome },
      { label: 'Through', of: (one) => one.node },
      { label: 'Request', of: (one) => el('code', { class: 'quiet', title: one.trace_id ? `trace ${one.trace_id}` : null }, one.request_id ?? '') },
    ],
    {
      caption: 'Slow requests, the newest first',
      keyOf: (one) => `${one.wall_time_millis} ${one.node} ${one.request_id} ${one.operation} ${one.millis} ${one.key}`,
      empty: 'No request was slow.',
    },
  );
}

/** A bar of the parts of a request's time; what they do not explain is the rest. */
function stages(one) {
  const total = number(one.millis);
  if (!one.stages || total <= 0) {
    return el('span', { class: 'quiet' }, UNKNOWN);
  }
  const parts = STAGES.map((name) => ({ name, millis: number(one.stages[`${name}_millis`]) }));
  const told = parts.reduce((sum, part) => sum + part.millis, 0);
  parts.push({ name: 'other', millis: Math.max(0, total - told) });
  const whole = Math.max(total, told);
  const bars = parts.map((part) => {
    const bar = el('span', { 'data-part': part.name });
    bar.style.setProperty('width', `${(100 * part.millis) / whole}%`);
    return bar;
  });
  const said = parts.map((part) => `${part.name} ${millis(part.millis)}`).join(', ');
  return el('span', { class: 'stages', role: 'img', 'aria-label': said, title: said }, ...bars);
}

export function showSlowLog(table, data) {
  const silent = data.silent_nodes?.length > 0 ? `, ${data.silent_nodes.join(', ')} did not answer` : '';
  text(byId('slow-log-summary'), `requests over ${roundMillis(data.threshold_millis)}${silent}`);
  table.show(data.requests ?? []);
}

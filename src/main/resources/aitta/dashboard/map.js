// The map: a card for each node, in it a cell for each replica, and beside it the details of what is pointed at.

import { attribute, el, follow, text } from './dom.js';
import { bytes, count, plural, rate, span, words } from './format.js';
import { flagOf, isLive, nameOf } from './model.js';

/** More cells than this help nobody, and slow the page down. */
const MOST_CELLS = 6000;
/** From so many of one table on one node on, cells are small and have no numbers. */
const MANY = 120;

export class ClusterMap {
  /** @param select the table that is shown; @param told when another is chosen */
  constructor(place, inspector, select, told) {
    Object.assign(this, { place, inspector, select, pointed: null, held: null, view: { nodes: [], partitions: [], loads: new Map() } });
    place.addEventListener('pointerover', (event) => this.#point(subjectOf(event.target)));
    place.addEventListener('pointerleave', () => this.#point(null));
    place.addEventListener('focusin', (event) => {
      this.#rove(event.target);
      this.#point(subjectOf(event.target));
    });
    place.addEventListener('focusout', (event) => this.#leave(event));
    inspector.addEventListener('focusout', (event) => this.#leave(event));
    place.addEventListener('click', (event) => this.#hold(subjectOf(event.target)));
    place.addEventListener('keydown', (event) => this.#key(event));
    select.addEventListener('change', told);
    this.#inspect();
  }

  /** @param loads by node id; what is known of each */
  show({ nodes, partitions, tables, orchestrator, loads }) {
    this.view = { nodes, partitions, orchestrator, loads, byId: new Map(nodes.map((node) => [node.id, node])) };
    this.#showTables(tables);
    const wanted = partitions.filter((partition) => !this.select.value || partition.table === this.select.value);
    const onNode = new Map(nodes.map((node) => [node.id, new Map()]));
    let cells = 0;
    for (const partition of wanted) {
      for (const replica of partition.replicas) {
        if (cells++ < MOST_CELLS) {
          const byTable = onNode.get(replica.node) ?? onNode.set(replica.node, new Map()).get(replica.node);
          byTable.get(partition.table)?.push({ partition, replica }) ?? byTable.set(partition.table, [{ partition, replica }]);
        }
      }
    }
    this.leftOut = Math.max(0, cells - MOST_CELLS);
    const cards = [...onNode].map(([id, byTable]) => ({ node: this.view.byId.get(id) ?? { id, state: 'NODE_REMOVED' }, byTable }));
    follow(this.place, cards, (card) => card.node.id, newCard, (element, card) => this.#updateCard(element, card));
    const first = this.place.querySelector('button');
    if (first && !this.place.querySelector('[tabindex="0"]')) {
      attribute(first, 'tabindex', 0);
    }
    this.#highlight();
    this.#inspect();
  }

  #showTables(tables) {
    const options = [{ value: '', label: 'all' }, ...tables.map((table) => ({ value: table.name, label: table.name }))];
    follow(this.select, options, (one) => one.value, (one) => el('option', { value: one.value }, one.label), () => {});
  }

  #updateCard(element, { node, byTable }) {
    attribute(element, 'data-state', node.state);
    attribute(element, 'data-live', String(isLive(node)));
    const [name, state, star, facts] = element.querySelectorAll('.node-name, .state, .star, .facts');
    text(name, node.id);
    attribute(name, 'aria-label', `Node ${node.id}, ${words(node.state)}`);
    text(state, words(node.state));
    attribute(state, 'data-state', node.state);
    star.hidden = this.view.orchestrator !== node.id;
    const load = this.view.loads.get(node.id);
    const traffic = load ? ` · ${rate(load.writes)} writes · ${rate(load.reads)} reads` : '';
    text(facts, `${plural(node.primaries ?? 0, 'primary', 'primaries')} of ${plural(replicasOf(node), 'replica')}${traffic}`);
    const groups = [...byTable].map(([table, list]) => ({ table, list }));
    follow(element.lastChild, groups, (group) => group.table, newGroup, (place, group) => this.#updateGroup(place, group));
  }

  #updateGroup(place, { table, list }) {
    text(place.firstChild, table);
    attribute(place, 'data-many', list.length > MANY);
    const sorted = list.sort((a, b) => a.partition.partition - b.partition.partition);
    follow(place.lastChild, sorted, (one) => nameOf(one.partition), newCell, (cell, { partition, replica }) => {
      const [flag, why] = flagOf(replica, partition, this.view.byId);
      attribute(cell, 'data-role', replica.role);
      attribute(cell, 'data-flag', flag || null);
      attribute(cell, 'aria-label', `${nameOf(partition)}, ${words(replica.role)} on ${replica.node}${why ? `: ${why}` : ''}`);
    });
  }

  // ---- pointing and holding ------------------------------------------------------------------------------------------

  #point(subject) {
    if (this.pointed !== subject) {
      this.pointed = subject;
      this.#highlight();
      this.#inspect();
    }
  }

  /** Whoever walks on from a node or replica to its details finds them still there. */
  #leave(event) {
    if (!this.inspector.contains(event.relatedTarget)) {
      this.#point(null);
    }
  }

  #hold(subject) {
    this.held = this.held === subject ? null : subject;
    this.#highlight();
    this.#inspect();
  }

  #highlight() {
    const subject = this.pointed ?? this.held;
    for (const element of this.place.querySelectorAll('[data-subject]')) {
      attribute(element, 'data-lit', element.dataset.subject === subject);
      attribute(element, 'aria-pressed', String(element.dataset.subject === this.held));
    }
  }

  #rove(element) {
    if (element.dataset.subject) {
      this.place.querySelectorAll('[tabindex="0"]').forEach((other) => attribute(other, 'tabindex', -1));
      attribute(element, 'tabindex', 0);
    }
  }

  #key(event) {
    const stops = [...this.place.querySelectorAll('[data-subject]')];
    const at = stops.indexOf(document.activeElement);
    if (event.key === 'Escape') {
      this.#hold(null);
      return;
    }
    if (at < 0) {
      return;
    }
    const next = {
      ArrowRight: () => stops[at + 1],
      ArrowLeft: () => stops[at - 1],
      ArrowDown: () => nearest(stops, stops[at], 1),
      ArrowUp: () => nearest(stops, stops[at], -1),
      Home: () => stops[0],
      End: () => stops[stops.length - 1],
    }[event.key];
    if (next) {
      event.preventDefault();
      next()?.focus();
    }
  }

  // ---- the details ---------------------------------------------------------------------------------------------------

  #inspect() {
    if (this.inspector.contains(document.activeElement)) {
      return; // Somebody is at a link in it.
    }
    const subject = this.pointed ?? this.held;
    const [kind, name] = subject ? subject.split(' ') : [];
    const node = kind === 'node' ? this.view.byId.get(name) : null;
    const partition = kind === 'partition' ? this.view.partitions.find((one) => nameOf(one) === name) : null;
    const rest = this.leftOut > 0 ? `${count(this.leftOut)} replicas are not drawn: choose a table. ` : '';
    const content = node
      ? this.#nodeDetails(node)
      : partition
        ? this.#partitionDetails(partition)
        : [el('p', { class: 'quiet' }, `${rest}Point at a node or a replica, or walk there with Tab and the arrow keys; a click or Enter holds it.`)];
    attribute(this.inspector, 'data-empty', !node && !partition);
    this.inspector.replaceChildren(...content);
  }

  #nodeDetails(node) {
    const load = this.view.loads.get(node.id);
    return [
      el('h3', {}, `Node ${node.id}`),
      facts([
        ['State', words(node.state) + (node.lost ? ', given up for good' : '')],
        ['Zone', node.zone],
        ['Weight', node.weight],
        ['Orchestrator', this.view.orchestrator === node.id ? 'runs here' : null],
        ['Clients', node.grpc_endpoint],
        ['Other nodes', node.cluster_endpoint],
        ['HTTP', node.http_endpoint ? el('a', { href: `${location.protocol}//${node.http_endpoint}/` }, node.http_endpoint) : null],
        ['Holds', `${count(node.primaries)} primary, ${count(node.secondaries)} secondary, ${count(node.learners)} learner`],
        ['Goes to', node.replaced_by],
        ['Store', load?.storeBytes !== undefined ? bytes(load.storeBytes) : null],
        ['Binlogs', load?.journalBytes !== undefined ? bytes(load.journalBytes) : null],
        ['Up for', load?.uptimeMillis ? span(load.uptimeMillis) : null],
      ]),
    ];
  }

  #partitionDetails(partition) {
    const rows = partition.replicas.map((replica) => {
      const [flag, why] = flagOf(replica, partition, this.view.byId);
      const state = replica.state?.known ? replica.state : null;
      return el(
        'tr',
        { 'data-flag': flag || null },
        el('th', { scope: 'row' }, replica.node),
        el('td', {}, words(replica.role)),
        el('td', { class: 'number' }, state ? count(state.applied_index) : '–'),
        el('td', { class: 'number' }, state ? count(state.lag) : '–'),
        why ? el('td', { class: 'why' }, why) : null,
      );
    });
    const heads = ['Node', 'Role', 'Applied', 'Lag'].map((label, i) => el('th', { scope: 'col', class: i > 1 ? 'number' : null }, label));
    return [
      el('h3', {}, `Partition ${nameOf(partition)}`),
      facts([
        ['State', partition.state && !partition.state.endsWith('UNSPECIFIED') ? words(partition.state) : null],
        ['Term', count(partition.term)],
        ['Voters wanted', partition.replicas_wanted],
        ['Migration', partition.migration && partition.migration !== '0' ? `#${partition.migration}` : null],
      ]),
      el('table', { class: 'replicas' }, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...rows)),
    ];
  }
}

const replicasOf = (node) => (node.primaries ?? 0) + (node.secondaries ?? 0) + (node.learners ?? 0);

const subjectOf = (element) => element.closest?.('[data-subject]')?.dataset.subject ?? null;

function newCard({ node }) {
  return el(
    'article',
    { class: 'node', id: `node-${node.id}`, 'data-node': node.id },
    el(
      'header',
      {},
      el('button', { class: 'node-name', type: 'button', tabindex: -1, 'data-subject': `node ${node.id}` }),
      el('span', { class: 'state' }),
      el('span', { class: 'star', title: 'The orchestrator runs here', hidden: true }, '★ orchestrator'),
    ),
    el('p', { class: 'facts quiet' }),
    el('div', { class: 'groups' }),
  );
}

function newGroup() {
  return el('div', { class: 'group' }, el('span', { class: 'group-name' }), el('div', { class: 'cells' }));
}

function newCell({ partition }) {
  const subject = `partition ${nameOf(partition)}`;
  return el('button', { class: 'cell', type: 'button', tabindex: -1, 'data-subject': subject }, String(partition.partition));
}

/** The stop in the next row above or below that is nearest. */
function nearest(stops, from, direction) {
  const here = from.getBoundingClientRect();
  let best = null;
  let shortest = Infinity;
  for (const stop of stops) {
    const there = stop.getBoundingClientRect();
    const down = (there.top - here.top) * direction;
    const distance = down * 4 + Math.abs(there.left + there.width / 2 - here.left - here.width / 2);
    if (down > 4 && distance < shortest) {
      best = stop;
      shortest = distance;
    }
  }
  return best;
}

/** A list of names and values; what is null or empty is left out. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return el('dl', {}, ...known.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value instanceof Node ? value : String(value))]));
}

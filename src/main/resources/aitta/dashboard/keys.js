// The key browser. It reads by the replicas at hand, and shows what it gets as text only.

import { ask, ApiError } from './api.js';
import { attribute, byId, el, follow, ListTable, notice } from './dom.js';
import { bytes, count, span, visible } from './format.js';
import { facts } from './map.js';

const PAGE = 50;
/** Who wants to see more looks by a prefix. */
const MOST_KEYS = 1000;

export class KeyBrowser {
  constructor() {
    this.table = byId('keys-table');
    this.prefix = byId('keys-prefix');
    this.more = byId('keys-more');
    this.detail = byId('keys-detail');
    this.list = new ListTable(
      byId('keys-list'),
      [
        { label: 'Key', head: true, wide: true, of: (one) => this.#button(one) },
        { label: 'Value', wide: true, of: (one) => el('code', { class: 'cut' }, visible(one.value) + (one.shortened ? '…' : '')) },
        { label: 'Size', number: true, of: (one) => bytes(one.value_size) },
        { label: 'Expires', number: true, of: (one) => (one.remaining_millis === undefined ? 'never' : `in ${span(one.remaining_millis)}`) },
      ],
      { caption: 'Keys', keyOf: (one) => one.key, empty: 'No key begins so.' },
    );
    this.list.empty.hidden = true;
    this.list.table.hidden = true;
    this.asked = 0;
    byId('keys-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#look();
    });
    this.more.addEventListener('click', () => this.#page());
    this.#show(null);
  }

  /** The tables that there are to choose from. */
  offer(tables) {
    follow(this.table, tables, (table) => table.name, (table) => el('option', { value: table.name }, table.name), () => {});
  }

  #look() {
    this.keys = [];
    this.next = '';
    this.question = { table: this.table.value, prefix: this.prefix.value, limit: PAGE };
    this.#show(null);
    this.#page();
  }

  async #page() {
    const turn = ++this.asked;
    notice('keys', '', null);
    attribute(this.more, 'disabled', true);
    try {
      const answer = await ask('scan', { ...this.question, after: this.next });
      if (turn !== this.asked) {
        return; // Something else was asked meanwhile.
      }
      this.keys.push(...(answer.keys ?? []));
      this.next = answer.next ?? '';
      this.list.show(this.keys);
    } catch (failure) {
      if (!(failure instanceof ApiError)) {
        throw failure;
      }
      const missing = failure.kind === 'missing';
      notice('keys', missing ? 'quiet' : 'bad', missing ? 'This node has no key browser (aitta/v1/scan).' : failure.message);
      this.told?.(failure);
    }
    const full = this.keys.length >= MOST_KEYS;
    this.more.hidden = !this.next || full;
    attribute(this.more, 'disabled', null);
    if (full && this.next) {
      notice('keys', 'quiet', `The first ${count(MOST_KEYS)} keys; look by a longer prefix for others.`);
    }
  }

  #button(one) {
    return el('button', { type: 'button', class: 'key', onclick: () => this.#show(one) }, visible(one.key) || '(empty)');
  }

  #show(one) {
    if (!one) {
      this.detail.replaceChildren(el('p', { class: 'quiet' }, 'Choose a key to see more of it.'));
      return;
    }
    const cut = one.shortened ? [el('p', { class: 'quiet' }, `The beginning of ${bytes(one.value_size)}; “aitta get” has all of it.`)] : [];
    this.detail.replaceChildren(
      el('h3', {}, 'Key'),
      el('pre', {}, visible(one.key)),
      facts([
        ['Table', this.question.table],
        ['Version', one.version],
        ['Size', `${count(one.value_size)} bytes`],
        ['Expires', one.remaining_millis === undefined ? 'never' : `in ${span(one.remaining_millis)}`],
      ]),
      el('h3', {}, 'Value'),
      el('pre', {}, visible(one.value)),
      ...cut,
    );
  }
}

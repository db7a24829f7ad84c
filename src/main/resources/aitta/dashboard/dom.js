// Making and changing elements. Whatever comes from the cluster becomes a text node or an attribute's value, never markup:
// keys and messages may hold anything.

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes (`onclick`: a listener) and children (strings become text). */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else {
      attribute(element, key, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets an attribute if it differs; null and false: it is taken away. */
export function attribute(element, key, value) {
  if (value === null || value === undefined || value === false) {
    element.removeAttribute(key);
  } else {
    const text = value === true ? '' : String(value);
    if (element.getAttribute(key) !== text) {
      element.setAttribute(key, text);
    }
  }
}

/** Sets the text if it differs: what does not change is not read out again, and stays selected. */
export function text(element, value) {
  const wanted = String(value);
  if (element.textContent !== wanted) {
    element.textContent = wanted;
  }
}

export const byId = (id) => document.getElementById(id);

const rows = new WeakMap();

/**
 * Makes the children of an element follow a list: one for each item, known by its key, made once and updated afterwards. So
 * focus, selection and position survive a refresh.
 */
export function follow(parent, items, keyOf, make, update) {
  const before = rows.get(parent) ?? new Map();
  const now = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const child = before.get(key) ?? make(item);
    before.delete(key);
    now.set(key, child);
    update(child, item);
  }
  before.forEach((child) => child.remove());
  let place = parent.firstChild;
  for (const child of now.values()) {
    if (child === place) {
      place = place.nextSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
  rows.set(parent, now);
}

/**
 * A table that follows a list. A column: `{label, of(item) -> string | Node, number?, wide?}`; on a narrow screen each row is
 * shown as a card, its cells under their labels.
 */
export class ListTable {
  constructor(table, columns, { caption, keyOf, empty }) {
    this.columns = columns;
    this.keyOf = keyOf;
    this.body = el('tbody');
    this.empty = el('p', { class: 'empty', hidden: true }, empty);
    const heads = columns.map((column) => el('th', { scope: 'col', class: column.number ? 'number' : null }, column.label));
    table.append(el('caption', { class: 'hidden' }, caption), el('thead', {}, el('tr', {}, ...heads)), this.body);
    table.parentNode.after(this.empty);
    this.table = table;
  }

  show(items, decorate = () => {}) {
    this.table.hidden = items.length === 0;
    this.empty.hidden = items.length > 0;
    follow(
      this.body,
      items,
      this.keyOf,
      () => el('tr', {}, ...this.columns.map((column) => cell(column))),
      (row, item) => {
        this.columns.forEach((column, i) => put(row.children[i], column.of(item)));
        decorate(row, item);
      },
    );
  }
}

function cell(column) {
  return el(column.head ? 'th' : 'td', {
    scope: column.head ? 'row' : null,
    class: [column.number && 'number', column.wide && 'wide'].filter(Boolean).join(' ') || null,
    'data-label': column.label,
  });
}

function put(place, content) {
  if (content instanceof Node) {
    place.replaceChildren(content);
  } else {
    text(place, content);
  }
}

/** What a panel says when it has nothing, or nothing new, to show; null: all is well. */
export function notice(name, kind, message) {
  for (const place of document.querySelectorAll(`[data-for="${name}"]`)) {
    place.hidden = !message;
    if (message) {
      place.dataset.kind = kind;
      text(place, message);
    }
  }
}

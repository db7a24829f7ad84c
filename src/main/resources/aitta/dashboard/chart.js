// Small line charts over the last minutes: SVG, with a crosshair for pointer and arrow keys.

import { attribute, el, svg, text } from './dom.js';

const HEIGHT = 172;
const MARGIN = { top: 8, right: 10, bottom: 22, left: 52 };
const LONGEST_MILLIS = 5 * 60_000;
const SHORTEST_MILLIS = 60_000;
const MOST_SAMPLES = 700;
/** Between samples further apart than this the line is broken: nobody knows what was in between. */
const GAP_MILLIS = 12_000;

/** What was seen, at most as much as a chart shows. */
export class Samples {
  constructor() {
    this.list = [];
  }

  /** @param values by series; null: not known */
  add(at, values) {
    this.list.push({ at, values });
    const oldest = at - LONGEST_MILLIS - GAP_MILLIS;
    while (this.list.length > MOST_SAMPLES || this.list[0].at < oldest) {
      this.list.shift();
    }
  }
}

export class LineChart {
  /**
   * @param series `[{id, label, dashed?}]`; the id is also the class that colours the line
   * @param format of values; @param tick of the marks at the side
   */
  constructor(place, { title, series, format, tick, samples }) {
    Object.assign(this, { series, format, tick, samples, chosen: null });
    this.values = series.map(() => el('b', { class: 'value' }));
    const keys = series.map((one, i) =>
      el('li', { class: one.id }, el('span', { class: one.dashed ? 'stroke dashed' : 'stroke' }), one.label, ' ', this.values[i]),
    );
    this.when = el('span', { class: 'quiet when' }, 'now');
    this.drawing = svg('svg', { height: HEIGHT, 'aria-hidden': 'true' });
    this.grid = svg('g', { class: 'grid' });
    this.lines = svg('g');
    this.hair = svg('g', { class: 'hair', visibility: 'hidden' });
    this.drawing.append(this.grid, this.lines, this.hair);
    this.plot = el('div', { class: 'plot', tabindex: 0, role: 'group', 'aria-label': `${title}. Left and right arrow keys read it.` }, this.drawing);
    this.spoken = el('p', { class: 'hidden', 'aria-live': 'polite' });
    place.append(el('h3', {}, title, this.when), el('ul', { class: 'legend' }, ...keys), this.plot, this.spoken);
    this.paths = series.map((one) => this.lines.appendChild(svg('path', { class: one.dashed ? `${one.id} dashed` : one.id })));
    this.areas = series.map((one) => (one.dashed ? null : this.lines.insertBefore(svg('path', { class: `${one.id} area` }), this.paths[0])));
    this.#listen();
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  #listen() {
    this.plot.addEventListener('pointermove', (event) => {
      const x = event.clientX - this.drawing.getBoundingClientRect().left;
      this.#choose(this.#nearest(this.from + ((x - MARGIN.left) / this.width) * (this.to - this.from)), false);
    });
    this.plot.addEventListener('pointerleave', () => this.#choose(null, false));
    this.plot.addEventListener('blur', () => this.#choose(null, false));
    this.plot.addEventListener('keydown', (event) => {
      const list = this.samples.list;
      const at = this.chosen === null ? list.length : list.indexOf(this.chosen);
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: list.length - 1 }[event.key];
      if (next !== undefined && list.length > 0) {
        event.preventDefault();
        this.#choose(list[Math.min(Math.max(next, 0), list.length - 1)], true);
      } else if (event.key === 'Escape') {
        this.#choose(null, false);
      }
    });
  }

  #nearest(moment) {
    return this.samples.list.reduce((best, one) => (!best || Math.abs(one.at - moment) < Math.abs(best.at - moment) ? one : best), null);
  }

  #choose(sample, aloud) {
    this.chosen = sample;
    this.#read();
    if (aloud && sample) {
      text(this.spoken, `${this.when.textContent}: ${this.series.map((one) => `${one.label} ${this.#shown(sample, one)}`).join(', ')}`);
    }
  }

  #shown(sample, one) {
    const value = sample?.values[one.id];
    return value === null || value === undefined ? '–' : this.format(value);
  }

  /** What the legend says: of the chosen moment, else of the last one. */
  #read() {
    const list = this.samples.list;
    if (this.chosen && !list.includes(this.chosen)) {
      this.chosen = null;
    }
    const sample = this.chosen ?? list[list.length - 1];
    text(this.when, this.chosen ? new Date(this.chosen.at).toLocaleTimeString('en-GB') : 'now');
    this.series.forEach((one, i) => text(this.values[i], this.#shown(sample, one)));
    this.hair.setAttribute('visibility', this.chosen ? 'visible' : 'hidden');
    if (this.chosen) {
      this.#cross(this.chosen);
    }
  }

  #cross(sample) {
    const x = this.#x(sample.at);
    const dots = this.series
      .filter((one) => Number.isFinite(sample.values[one.id]))
      .map((one) => svg('circle', { class: one.id, cx: x, cy: this.#y(sample.values[one.id]), r: 3.5 }));
    this.hair.replaceChildren(svg('line', { x1: x, x2: x, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }), ...dots);
  }

  #x(at) {
    return MARGIN.left + ((at - this.from) / (this.to - this.from)) * this.width;
  }

  #y(value) {
    return HEIGHT - MARGIN.bottom - (value / this.top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  }

  draw() {
    const list = this.samples.list;
    this.width = this.plot.clientWidth - MARGIN.left - MARGIN.right;
    if (this.width <= 0) {
      return;
    }
    this.to = list.length > 0 ? list[list.length - 1].at : Date.now();
    const seen = list.length > 0 ? this.to - list[0].at : 0;
    this.from = this.to - Math.min(LONGEST_MILLIS, Math.max(SHORTEST_MILLIS, seen));
    const shown = list.filter((one) => one.at >= this.from);
    const highest = Math.max(0, ...shown.flatMap((one) => this.series.map((s) => one.values[s.id] ?? 0)));
    const step = niceStep(highest);
    this.top = Math.max(step, Math.ceil(highest / step) * step);
    this.#drawGrid(step);
    this.series.forEach((one, i) => {
      const { line, area } = this.#trace(shown, one.id);
      attribute(this.paths[i], 'd', line);
      if (this.areas[i]) {
        attribute(this.areas[i], 'd', area);
      }
    });
    this.#read();
  }

  #drawGrid(step) {
    const marks = [];
    const right = MARGIN.left + this.width;
    for (let value = 0; value <= this.top + step / 2; value += step) {
      const y = this.#y(value);
      marks.push(svg('line', { x1: MARGIN.left, x2: right, y1: y, y2: y }));
      marks.push(svg('text', { x: MARGIN.left - 8, y: y + 4, 'text-anchor': 'end' }, this.tick(value)));
    }
    const span = this.to - this.from;
    const minutes = span > 2.5 * 60_000;
    for (let ago = 0; ago <= span; ago += minutes ? 60_000 : 20_000) {
      const label = ago === 0 ? 'now' : minutes ? `−${ago / 60_000} min` : `−${ago / 1000} s`;
      marks.push(svg('text', { x: this.#x(this.to - ago), y: HEIGHT - 5, 'text-anchor': ago === 0 ? 'end' : 'middle' }, label));
    }
    this.grid.replaceChildren(...marks);
  }

  #trace(shown, id) {
    const base = this.#y(0).toFixed(1);
    let line = '';
    let area = '';
    let last = null;
    for (const sample of shown) {
      const value = sample.values[id];
      if (!Number.isFinite(value)) {
        area += last === null ? '' : `V${base}Z`;
        last = null;
        continue;
      }
      const x = this.#x(sample.at).toFixed(1);
      const point = `${x},${this.#y(value).toFixed(1)}`;
      if (last === null || sample.at - last > GAP_MILLIS) {
        area += `${last === null ? '' : `V${base}Z`}M${x},${base}L${point}`;
        line += `M${point}`;
      } else {
        line += `L${point}`;
        area += `L${point}`;
      }
      last = sample.at;
    }
    return { line, area: last === null ? area : `${area}V${base}Z` };
  }
}

/** So that there are three to five lines, at 1, 2 or 5 times a power of ten. */
function niceStep(highest) {
  if (highest <= 0) {
    return 1;
  }
  const rough = highest / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

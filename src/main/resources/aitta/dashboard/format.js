// How numbers, times, sizes and keys are shown. 64-bit integers come as strings, and may be missing.

export const number = (value) => Number(value ?? 0);

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const count = (value) => WHOLE.format(number(value));

export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** 0.4, 12, 3.4k, 1.2M. */
export function short(value) {
  const n = number(value);
  for (const [size, unit] of [[1e9, 'G'], [1e6, 'M'], [1e4, 'k']]) {
    if (Math.abs(n) >= size) {
      const scaled = n / (unit === 'k' ? 1e3 : size);
      return `${scaled < 100 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
    }
  }
  return Math.abs(n) >= 10 || Number.isInteger(n) ? WHOLE.format(n) : n.toFixed(1);
}

export const rate = (value) => `${short(value)}/s`;

export function bytes(value) {
  let n = number(value);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/** A short time in milliseconds: 0.24 ms, 8.1 ms, 120 ms, 1.3 s. */
export function millis(value) {
  const n = number(value);
  if (n >= 1000) {
    return `${(n / 1000).toFixed(n < 10000 ? 2 : 1)} s`;
  }
  return `${n >= 100 || n === 0 ? Math.round(n) : n >= 10 ? n.toFixed(1) : n.toFixed(2)} ms`;
}

/** The same where 0 says that there was nothing to measure. */
export const latency = (value) => (number(value) > 0 ? millis(value) : '–');

/** The same for round values, such as limits and marks: 5 ms, 2.5 ms, 1 s. */
export const roundMillis = (value) => {
  const n = number(value);
  return n >= 1000 ? `${Number((n / 1000).toPrecision(3))} s` : `${Number(n.toPrecision(3))} ms`;
};

/** A long time: 12 s, 3 min, 2 h 5 min, 4 d 3 h. */
export function span(value) {
  const seconds = Math.max(0, Math.round(number(value) / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function clock(value) {
  return new Date(number(value)).toLocaleTimeString('en-GB');
}

/** NODE_UNREACHABLE -> unreachable, SLOWING_DOWN -> slowing down. */
export function words(name) {
  return (name ?? '').replace(/^NODE_/, '').toLowerCase().replaceAll('_', ' ');
}

// ---- keys and values ---------------------------------------------------------------------------------------------------

// Control characters, and what makes text look like another text: direction, zero width, line and paragraph separators.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029\u00a0]/gu;

/**
 * Keys and values as the API writes them (a backslash is `\\`, bytes that are no text are `\xHH`), with what cannot be seen
 * written out too: so all that is shown is what is there.
 */
export function visible(notation) {
  return notation.replace(UNSEEN, (character) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
    const point = character.codePointAt(0);
    return known ?? (point < 0x80 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`);
  });
}

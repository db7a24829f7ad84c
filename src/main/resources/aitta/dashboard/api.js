// The admin API of the node that served this page, and when it is asked. Everything is read; nothing is changed.

const TOKEN = 'aitta-token';
const TIMEOUT_MILLIS = 5000;
/** What does not change by asking again soon; each refusal is a line in the node's audit log, too. */
const LASTING = new Set(['missing', 'denied', 'forbidden']);
const LASTING_MILLIS = 30_000;
/** A feed takes at most this part of the time: a large topology is asked for less often. */
const SHARE = 5;

let token = remembered();

function remembered() {
  try {
    return sessionStorage.getItem(TOKEN) ?? '';
  } catch {
    return ''; // Storage is switched off: then it lives as long as the page.
  }
}

export const hasToken = () => token !== '';

/** Whether an answer says that the present token, or none, is not enough; not one that was given to another. */
export const denies = (failure) => failure?.kind === 'denied' && failure.token === token;

export function useToken(value) {
  token = value;
  try {
    if (value) {
      sessionStorage.setItem(TOKEN, value);
    } else {
      sessionStorage.removeItem(TOKEN);
    }
  } catch {
    // As above.
  }
}

/** kind: `lost` (no answer), `denied` (a token is asked for), `forbidden`, `missing` (no such route), `refused` (the rest). */
export class ApiError extends Error {
  /** @param used the token that was sent */
  constructor(kind, message, used = token) {
    super(message);
    this.kind = kind;
    this.token = used;
  }
}

/** @param path below aitta/v1/ */
export async function ask(path, parameters = {}) {
  const address = new URL(`aitta/v1/${path}`, document.baseURI);
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== '' && value !== undefined) {
      address.searchParams.set(key, value);
    }
  }
  const used = token;
  let response;
  let body;
  try {
    response = await fetch(address, {
      headers: token ? { Accept: 'application/json', Authorization: `Bearer ${token}` } : { Accept: 'application/json' },
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    body = await response.text();
  } catch (failure) {
    throw new ApiError('lost', failure.name === 'TimeoutError' ? 'no answer within 5 s' : 'this node does not answer');
  }
  const json = parsed(body);
  if (response.ok && json !== null) {
    return json;
  }
  throw new ApiError(kindOf(response.status, json), json?.message || `HTTP ${response.status}`, used);
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function kindOf(status, json) {
  if (status === 401) {
    return 'denied';
  }
  if (status === 403) {
    return 'forbidden';
  }
  // A route that is there says what else was not found.
  const unknown = status === 404 && (!json?.reason || json.reason === 'PATH_UNKNOWN');
  return unknown || status === 405 || status === 501 ? 'missing' : 'refused';
}

/**
 * Asks for one thing again and again, one question at a time. It rests while the page is hidden or paused, and after an answer
 * for at least four times as long as that took.
 */
export class Feed {
  /** @param question gives the path and its parameters, or null: not now */
  constructor(name, everyMillis, question, told) {
    Object.assign(this, { name, everyMillis, question, told, data: null, error: null, at: 0, tookMillis: 0 });
    this.timer = null;
    this.running = false;
    this.again = false;
  }

  /** Now, or when the question under way is answered. */
  async refresh() {
    if (this.running) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = true;
    const begun = performance.now();
    try {
      const question = this.question();
      if (question) {
        this.data = await ask(...question);
        this.error = null;
        this.at = Date.now();
      }
    } catch (failure) {
      if (!(failure instanceof ApiError)) {
        throw failure;
      }
      this.error = failure;
    } finally {
      this.running = false;
      this.tookMillis = performance.now() - begun;
      this.#next();
    }
    this.told(this);
  }

  #next() {
    if (this.again) {
      this.again = false;
      this.timer = setTimeout(() => this.refresh(), 0);
    } else if (!Feed.resting()) {
      const rest = LASTING.has(this.error?.kind) ? LASTING_MILLIS : Math.max(this.everyMillis, this.tookMillis * (SHARE - 1));
      this.timer = setTimeout(() => (Feed.resting() ? undefined : this.refresh()), rest);
    }
  }

  static paused = false;

  static resting = () => Feed.paused || document.hidden;
}

// The two ways to the server: REST for what was and for what operators do, server-sent events for what comes.

/** What the server refuses, in its own words. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function send(path, options) {
  const response = await fetch(path, { ...options, headers: { accept: 'application/json', ...options?.headers } });
  // The session is over: the page's own address shows the form to sign in.
  if (response.status === 401) location.reload();
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, body.detail ?? `${path}: ${response.status}`);
  return body;
}

const part = encodeURIComponent;
const query = values => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '')).toString();
const post = (path, body) => send(path, { method: 'POST', ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });

export const me = () => send('/api/me');
export const signOut = () => fetch('/signout', { method: 'POST', redirect: 'manual' });
export const status = run => send(`/api/status?${query({ run })}`);

export const runNames = async () => (await send('/api/runs')).runs;
export const registry = () => send('/api/runs/registry');
export const serving = () => send('/api/serving');
export const startRun = request => post('/api/runs', request);
export const runAction = (name, action) => post(`/api/runs/${part(name)}/${action}`);
export const rollback = () => post('/api/runs/rollback');
export const deleteRun = name => send(`/api/runs/${part(name)}`, { method: 'DELETE' });

/** A page of history: `{ results, before }`, newest first. */
export const history = (topic, run, key, { limit = 100, before, from, to } = {}) =>
  send(`/api/results/${topic}?${query({ run, key, limit, before, from, to })}`);

export const keys = async (topic, run) => (await send(`/api/results/${topic}/keys?${query({ run })}`)).keys;

export const readings = (network, sensor) => send(`/api/networks/${part(network)}/readings?${query({ sensor })}`);
export const trace = task => send(`/api/tasks/${part(task)}`);
export const stopTask = task => post(`/api/tasks/${part(task)}/stop`);

export const letters = filter => send(`/api/dead-letters?${query(filter)}`);
export const letter = ({ topic, run, partition, offset }) => send(`/api/dead-letters/${topic}/${partition}/${offset}?${query({ run })}`);
export const settleLetters = (action, filter) => post(`/api/dead-letters/${action}?${query(filter)}`);

const results = async (topic, run, rest) => (await send(`/api/results/${topic}${rest}run=${part(run)}`)).results;

/** Everything that the pages show of a run at once, oldest first. */
export async function snapshot(run) {
  const parts = await Promise.all([
    results('video.captions', run, '/latest?'),
    results('video.captions', run, '?limit=60&'),
    results('sensor.graphs', run, '/latest?'),
    results('sensor.imputed', run, '/latest?'),
    results('sensor.imputed', run, '?limit=100&'),
    results('label.queries', run, '/latest?'),
    results('label.modes', run, '/latest?'),
  ]);
  return parts.flat().reverse();
}

/**
 * Follows a run. The browser reconnects by itself and says where it was; the server answers with what was missed,
 * or with "resync" when that is no longer known. "serving" says that other runs are served as live than before: what is shown
 * may be replaced, so it is cleared. Returns a function that stops.
 */
export function follow(run, { onResult, onReload, onState }) {
  let source;
  let retry;
  let last;
  function open() {
    source = new EventSource(`/api/live?${query({ run, lastEventId: last })}`);
    const live = event => {
      if (event?.lastEventId) last = event.lastEventId;
      onState('live');
    };
    source.addEventListener('hello', event => { live(event); onReload(); });
    source.addEventListener('resync', event => { live(event); onReload(); });
    source.addEventListener('serving', event => { live(event); onReload(true); });
    source.addEventListener('heartbeat', live);
    source.onmessage = event => { live(event); onResult(JSON.parse(event.data)); };
    source.onerror = () => {
      onState('lost');

      // Closed for good is what a refusal does, 503 among them; that one passes. A new connection goes on where this one was.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, 3000);
    };
  }
  open();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}

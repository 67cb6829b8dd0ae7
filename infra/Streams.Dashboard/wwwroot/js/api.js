// The two ways to the server: REST for what was, server-sent events for what comes.

async function get(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  // The session is over: the page's own address shows the form to sign in.
  if (response.status === 401) location.reload();
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail ?? `${path}: ${response.status}`);
  return body;
}

export const runs = async () => (await get('/api/runs')).runs;

export const status = run => get(`/api/status?run=${encodeURIComponent(run)}`);

const results = async (topic, run, rest) => (await get(`/api/results/${topic}${rest}run=${encodeURIComponent(run)}`)).results;

/** Everything that the page shows of a run, oldest first. */
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
  function open() {
    source = new EventSource(`/api/live?run=${encodeURIComponent(run)}`);
    const live = () => onState('live');
    source.addEventListener('hello', () => { live(); onReload(); });
    source.addEventListener('resync', () => { live(); onReload(); });
    source.addEventListener('serving', () => { live(); onReload(true); });
    source.addEventListener('heartbeat', live);
    source.onmessage = event => { live(); onResult(JSON.parse(event.data)); };
    source.onerror = () => {
      onState('lost');

      // Closed for good is what a refusal does, 503 among them; that one passes.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, 3000);
    };
  }
  open();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}

// The order of results: event time, then source offset, then number within the record. The store keeps the same order.

function position(id) {
  const parts = id.split('/');
  return [Number(parts[3]) || 0, Number(parts[4]) || 0, Number(parts[2]) || 0];
}

export function compare(a, b) {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  const [pa, pb] = [position(a.id), position(b.id)];
  for (let i = 0; i < 3; i++) if (pa[i] !== pb[i]) return pa[i] - pb[i];
  return 0;
}

/** The newest results of each key, each once, however often and in whatever order they are added. */
export class Newest {
  constructor(keep) {
    this.keep = keep;
    this.byKey = new Map();
  }

  clear() {
    this.byKey.clear();
  }

  /** True when it was new. */
  add(result) {
    let list = this.byKey.get(result.key);
    if (!list) this.byKey.set(result.key, list = []);
    let at = list.length;
    while (at > 0 && compare(list[at - 1], result) < 0) at--;
    if (at > 0 && list[at - 1].id === result.id) return false;
    if (at >= this.keep) return false;
    list.splice(at, 0, result);
    list.length = Math.min(list.length, this.keep);
    return true;
  }

  /** Pairs of key and results, newest first; keys sorted. */
  entries() {
    return [...this.byKey].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  }

  latest(key) {
    return this.byKey.get(key)?.[0];
  }
}

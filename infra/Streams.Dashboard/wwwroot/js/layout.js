// A force layout: all vertices push each other off, edges pull by their weight, a weak pull to the middle holds the parts together.
// It starts from the same place every time, or from where the vertices were, so that a graph that changes a little moves a little.

export function layout(names, edges, before) {
  const n = names.length;
  const ideal = 1 / Math.sqrt(Math.max(1, n));
  const at = names.map((name, i) => {
    const known = before?.get(name);
    if (known) return { x: known.x, y: known.y };
    const angle = 2.399963 * i;
    const radius = 0.5 * Math.sqrt((i + 0.5) / n);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
  const rounds = before?.size ? 80 : 300;
  for (let round = 0; round < rounds; round++) {
    const heat = (before?.size ? 0.03 : 0.1) * (1 - round / rounds) + 0.001;
    const force = at.map(() => ({ x: 0, y: 0 }));
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        const dx = at[i].x - at[j].x;
        const dy = at[i].y - at[j].y;
        const square = Math.max(dx * dx + dy * dy, 1e-6);
        const push = (ideal * ideal) / square;
        force[i].x += dx * push; force[i].y += dy * push;
        force[j].x -= dx * push; force[j].y -= dy * push;
      }
      force[i].x -= at[i].x * 0.35; force[i].y -= at[i].y * 0.35;
    }
    for (const { from, to, weight } of edges) {
      const dx = at[from].x - at[to].x;
      const dy = at[from].y - at[to].y;
      const pull = (weight * Math.hypot(dx, dy)) / ideal;
      force[from].x -= dx * pull; force[from].y -= dy * pull;
      force[to].x += dx * pull; force[to].y += dy * pull;
    }
    for (let i = 0; i < n; i++) {
      const length = Math.hypot(force[i].x, force[i].y) || 1;
      const step = Math.min(length, heat) / length;
      at[i].x += force[i].x * step;
      at[i].y += force[i].y * step;
    }
  }
  return new Map(names.map((name, i) => [name, at[i]]));
}

/** Scales positions into a box. */
export function fit(positions, width, height, margin) {
  const all = [...positions.values()];
  const range = pick => [Math.min(...all.map(pick)), Math.max(...all.map(pick))];
  const [x0, x1] = range(p => p.x);
  const [y0, y1] = range(p => p.y);
  const scale = (value, low, high, size) => (high - low < 1e-9 ? size / 2 : margin + ((value - low) / (high - low)) * (size - 2 * margin));
  return new Map([...positions].map(([name, p]) => [name, { x: scale(p.x, x0, x1, width), y: scale(p.y, y0, y1, height) }]));
}

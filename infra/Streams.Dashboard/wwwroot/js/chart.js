import { svg, number } from './dom.js';

const path = points => points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/** A handsome step for about n ticks. */
function step(span, n) {
  const raw = span / n;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find(m => m * power >= raw);
}

function ticks(low, high, n) {
  const s = step(high - low, n);
  const first = Math.ceil(low / s - 1e-9);
  const many = Math.floor((high - first * s) / s + 1e-9);
  return Array.from({ length: many + 1 }, (_, i) => +((first + i) * s).toPrecision(12));
}

/** A filter's response: gain over frequency. */
export function filterChart({ frequency, gain }, label) {
  const [width, height, left, right, top, bottom] = [340, 200, 38, 8, 10, 36];
  const xs = [Math.min(0, ...frequency), Math.max(...frequency, 1e-9)];
  const low = Math.min(0, ...gain);
  const ys = [low, Math.max(low + 1e-9, Math.max(...gain) * 1.06)];
  const x = v => left + ((v - xs[0]) / (xs[1] - xs[0])) * (width - left - right);
  const y = v => height - bottom - ((v - ys[0]) / (ys[1] - ys[0])) * (height - top - bottom);
  const line = frequency.map((f, i) => [x(f), y(gain[i])]);
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'chart', role: 'img', 'aria-label': label },
    ticks(...ys, 4).map(v => [
      svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(v), y2: y(v) }),
      svg('text', { class: 'tick', x: left - 6, y: y(v) + 3.5, 'text-anchor': 'end' }, number(v))]).flat(),
    ticks(...xs, 5).map(v => svg('text', { class: 'tick', x: x(v), y: height - bottom + 15, 'text-anchor': 'middle' }, number(v))),
    svg('path', { class: 'area', d: `${path(line)}L${x(frequency.at(-1)).toFixed(1)} ${y(ys[0])}L${x(frequency[0]).toFixed(1)} ${y(ys[0])}Z` }),
    svg('path', { class: 'line', d: path(line) }),
    svg('text', { class: 'axis', x: (left + width - right) / 2, y: height - 4, 'text-anchor': 'middle' }, 'graph frequency λ / mean λ'));
}

/** Values, oldest first, with a band of one standard deviation; every value is marked as filled in by its open dot. */
export function sparkline(points, label) {
  const [width, height, margin] = [200, 36, 4];
  const shown = points.slice(-40);
  const times = shown.map(p => p.at);
  const t = [times[0], times.at(-1)];
  const v = [Math.min(...shown.map(p => p.value - p.sd)), Math.max(...shown.map(p => p.value + p.sd))];
  const x = at => (t[1] === t[0] ? width - margin : margin + ((at - t[0]) / (t[1] - t[0])) * (width - 2 * margin));
  const y = value => (v[1] - v[0] < 1e-12 ? height / 2 : height - margin - ((value - v[0]) / (v[1] - v[0])) * (height - 2 * margin));
  const upper = shown.map(p => [x(p.at), y(p.value + p.sd)]);
  const lower = shown.map(p => [x(p.at), y(p.value - p.sd)]).reverse();
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'spark', preserveAspectRatio: 'xMinYMid', role: 'img', 'aria-label': label },
    shown.length > 1 && svg('path', { class: 'band', d: `${path([...upper, ...lower])}Z` }),
    shown.length > 1 && svg('path', { class: 'line', d: path(shown.map(p => [x(p.at), y(p.value)])) }),
    shown.map((p, i) => svg('circle', { class: i === shown.length - 1 ? 'filled newest' : 'filled', cx: x(p.at), cy: y(p.value), r: i === shown.length - 1 ? 2.8 : 1.7 })));
}

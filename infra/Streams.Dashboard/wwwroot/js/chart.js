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

/** Records a second, oldest first: a line without an axis, since the number stands beside it. */
export function rateLine(past) {
  const [width, height] = [96, 22];
  const most = Math.max(...past, 1e-9);
  const points = past.map((rate, i) => [(i / Math.max(1, past.length - 1)) * width, height - 1.5 - (rate / most) * (height - 4)]);
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'rate-line', 'aria-hidden': 'true' },
    points.length > 1 && svg('path', { class: 'line', d: path(points) }));
}

/**
 * A chart over time, or over a count. Series are drawn in order: { kind: 'band', points: [[x, low, high]] }, { kind: 'line' | 'dots', points: [[x, y]] },
 * { kind: 'level', y, text } and { kind: 'mark', x, text }; a null among the points is a gap. With `whole` only whole numbers are marked on the y axis, as
 * of logarithms; `times` says that x is milliseconds since 1970.
 */
export function plot({ series, label, times, yText, xTitle, yTitle, whole, floor }) {
  const [width, height] = innerWidth < 700 ? [440, 260] : [1160, 300];
  const [left, right, top, bottom] = [56, 14, 16, 40];
  const flat = series.flatMap(s => (s.points ?? []).filter(Boolean));
  const xs = flat.map(p => p[0]);
  const ys = [...flat.flatMap(p => p.slice(1)), ...series.filter(s => s.kind === 'level').map(s => s.y), ...(floor === undefined ? [] : [floor])].filter(Number.isFinite);
  if (xs.length === 0 || ys.length === 0) return null;
  const pad = ([low, high]) => (high - low < 1e-12 ? [low - 0.5, high + 0.5] : [low, high]);
  const [x0, x1] = pad([xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))]);
  const [low, high] = pad([ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))]);
  const [y0, y1] = [floor === undefined ? low - 0.05 * (high - low) : Math.min(floor, low), high + 0.06 * (high - low)];
  const x = v => left + ((v - x0) / (x1 - x0)) * (width - left - right);
  const y = v => height - bottom - ((v - y0) / (y1 - y0)) * (height - top - bottom);
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'chart plot', role: 'img', 'aria-label': label },
    ticks(y0, y1, 5).filter(v => !whole || y1 - y0 < 2 || Number.isInteger(v)).map(v => [
      svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(v), y2: y(v) }),
      svg('text', { class: 'tick', x: left - 7, y: y(v) + 3.5, 'text-anchor': 'end' }, yText ? yText(v) : number(v))]).flat(),
    times ? timeTicks(x0, x1, width).map(([v, text, anchor]) => svg('text', { class: 'tick', x: x(v), y: height - bottom + 16, 'text-anchor': anchor }, text))
      : ticks(x0, x1, 6).map(v => svg('text', { class: 'tick', x: x(v), y: height - bottom + 16, 'text-anchor': 'middle' }, number(v))),
    series.flatMap(s => drawn(s, { x, y, x0, x1, left, right, top, bottom, width, height })),
    xTitle && svg('text', { class: 'axis', x: (left + width - right) / 2, y: height - 5, 'text-anchor': 'middle' }, xTitle),
    yTitle && svg('text', { class: 'axis', x: left - 48, y: 10, 'text-anchor': 'start' }, yTitle));
}

const DAY = 86_400_000;

/** Ends and middles of a span of time: dates of a long one, times of day of a short one, both in between. */
function timeTicks(x0, x1, width) {
  const shares = width < 700 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  return shares.map(share => {
    const at = new Date(x0 + share * (x1 - x0));
    const [date, time] = [at.toLocaleDateString('en-CA'), at.toLocaleTimeString('en-GB')];
    const text = x1 - x0 > 4 * DAY ? date : x1 - x0 > DAY / 2 ? `${date.slice(5)} ${time.slice(0, 5)}` : time;
    return [+at, text, share === 0 ? 'start' : share === 1 ? 'end' : 'middle'];
  });
}

function drawn(s, { x, y, x0, x1, left, right, top, bottom, width, height }) {
  const name = s.name ?? s.kind;
  switch (s.kind) {
    case 'band':
      return runsOf(s.points).filter(part => part.length > 1).map(part => svg('path', {
        class: `band ${name}`, d: `${path([...part.map(p => [x(p[0]), y(p[2])]), ...[...part].reverse().map(p => [x(p[0]), y(p[1])])])}Z`,
      })).concat(s.points.filter(Boolean).map(p => svg('line', { class: `whisker ${name}`, x1: x(p[0]), x2: x(p[0]), y1: y(p[1]), y2: y(p[2]) })));
    case 'line':
      return runsOf(s.points).map(part => svg('path', { class: `line ${name}`, d: path(part.map(p => [x(p[0]), y(p[1])])) }));
    case 'dots':
      return s.points.map(p => svg('circle', { class: `dot ${name}`, cx: x(p[0]), cy: y(p[1]), r: s.points.length > 150 ? 2 : 3 }, p[2] && svg('title', null, p[2])));
    case 'level':
      return [svg('line', { class: `level ${name}`, x1: left, x2: width - right, y1: y(s.y), y2: y(s.y) }),
        svg('text', { class: 'level-text', x: width - right - 2, y: y(s.y) - 5, 'text-anchor': 'end' }, s.text)];
    case 'mark':
      return s.x < x0 || s.x > x1 ? [] : [svg('line', { class: `mark-line ${name}`, x1: x(s.x), x2: x(s.x), y1: top, y2: height - bottom }, svg('title', null, s.text)),
        svg('text', { class: 'mark-text', x: x(s.x) + 4, y: top + 10 }, s.text)];
    default:
      return [];
  }
}

/** Cuts at nulls. */
function runsOf(points) {
  const parts = [[]];
  for (const point of points) {
    if (point) parts.at(-1).push(point);
    else if (parts.at(-1).length) parts.push([]);
  }
  return parts.filter(part => part.length);
}

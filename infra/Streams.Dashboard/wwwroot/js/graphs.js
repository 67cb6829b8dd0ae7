import { h, svg, count, fact, number, timeOf, empty } from './dom.js';
import { filterChart } from './chart.js';
import { layout, fit } from './layout.js';

const [WIDTH, HEIGHT, MARGIN] = [720, 460, 34];
const MANY = 40;
const LETTER = 7;
const LINE = 14;
const SIGNS = { LowPass: ', low-pass', HighPass: ', high-pass' };

/** Positions by network, so that a graph that is learned again stays where it was. */
const places = new Map();

function degrees(graph) {
  const degree = graph.sensors.map(() => 0);
  for (const { from, to, weight } of graph.edges) {
    degree[from] += weight;
    degree[to] += weight;
  }
  return degree;
}

/** The graph; its vertices and edges tell their names and weights to who points at them, and the table beside it to everybody. */
export function drawing(graph, filled) {
  const positions = layout(graph.sensors, graph.edges, places.get(graph.network));
  places.set(graph.network, positions);
  const at = fit(positions, WIDTH, HEIGHT, MARGIN);
  const point = i => at.get(graph.sensors[i]);
  const degree = degrees(graph);
  const most = Math.max(...degree, 1e-9);
  const radius = i => (graph.sensors.length > MANY ? 3 : 4) + 4 * (degree[i] / most);
  const strongest = graph.edges.slice(0, 3).map(e => `${graph.sensors[e.from]} and ${graph.sensors[e.to]} ${number(e.weight)}`).join('; ');
  return svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'network', role: 'img',
    'aria-label': `Graph of ${graph.network}: ${graph.sensors.length} sensors, ${graph.edges.length} edges. Strongest: ${strongest}.`,
  },
  svg('g', { class: 'edges' }, graph.edges.map(({ from, to, weight }) => svg('line', {
    x1: point(from).x, y1: point(from).y, x2: point(to).x, y2: point(to).y,
    'stroke-width': (0.6 + 4 * weight).toFixed(2), 'stroke-opacity': (0.25 + 0.6 * weight).toFixed(2),
  }, svg('title', null, `${graph.sensors[from]} – ${graph.sensors[to]}: ${number(weight)}`)))),
  svg('g', { class: 'vertices' }, graph.sensors.map((name, i) => svg('g', { class: filled.has(name) ? 'vertex filled' : 'vertex' },
    svg('circle', { cx: point(i).x, cy: point(i).y, r: radius(i) }),
    svg('title', null, filled.has(name) ? `${name} (has filled-in readings)` : name)))),
  svg('g', { class: 'names' }, names(graph.sensors, degree, point, radius)));
}

/** Names beside their vertices, the best connected first, and none that would cover another; the rest show on hover. */
function names(sensors, degree, point, radius) {
  const taken = [];
  return [...sensors.keys()].sort((a, b) => degree[b] - degree[a]).map(i => {
    const name = sensors[i].length > 18 ? `${sensors[i].slice(0, 17)}…` : sensors[i];
    const { x, y } = point(i);
    const left = x > WIDTH * 0.8;
    const start = x + (left ? -1 : 1) * (radius(i) + 5);
    const box = { x0: left ? start - LETTER * name.length : start, x1: left ? start : start + LETTER * name.length, y0: y - LINE / 2, y1: y + LINE / 2 };
    if (taken.some(t => t.x0 < box.x1 && box.x0 < t.x1 && t.y0 < box.y1 && box.y0 < t.y1)) return null;
    taken.push(box);
    return svg('text', { x: start, y: y + 4, 'text-anchor': left ? 'end' : 'start' }, name);
  });
}

export function response(graph) {
  const { gain } = graph.filter;
  return [
    h('h3', null, 'Filter response', SIGNS[graph.sign] ?? ''),
    gain.length > 1 && filterChart(graph.filter, `Filter response: gain from ${number(gain[0])} at low to ${number(gain.at(-1))} at high frequency`)];
}

export const graphFacts = graph => h('dl', null,
  fact('Sensors', count(graph.sensors.length)),
  fact('Edges', count(graph.edges.length), `Edges of weight above ${number(graph.threshold)}`),
  fact('Rows', count(graph.samples), 'Rows of readings used'),
  graph.effectiveMemory != null && fact('Memory', count(Math.round(graph.effectiveMemory)), 'Rows that the covariance amounts to, forgetting in mind'),
  fact('Fit error', number(graph.fit), 'Relative error of the filter against the covariance’s square root; 0 is perfect'));

export const legend = filled => h('p', { class: 'legend' },
  filled.size > 0 && [h('span', { class: 'mark' }), 'has filled-in readings · '], 'a thicker line is a stronger edge');

export const notes = graph => graph.notes.length > 0 && h('ul', { class: 'notes', 'aria-label': 'Notes' }, graph.notes.map(note => h('li', null, note)));

// A graph is drawn again only when it is another one, or other sensors have gaps: a layout of many vertices takes its time.
const drawings = new Map();
let version = 0;

export function drawn(result, filled) {
  const of = `${result.id} ${[...filled.keys()].join(' ')}`;
  let known = drawings.get(result.key);
  if (known?.of !== of) {
    known = { of, picture: drawing(result.data, filled) };
    known.picture.dataset.version = ++version;
    drawings.set(result.key, known);
  }
  // What is on the screen stays there: patch knows it by its version.
  return known.picture.isConnected ? known.picture.cloneNode(false) : known.picture;
}

function figure([network, [result]], store, context) {
  const graph = result.data;
  const filled = store.filled.sensorsOf(network);
  return h('article', { class: 'card graph', 'aria-label': `Sensor network ${network}`, 'data-key': network },
    h('header', null, h('h3', null, h('a', { href: context.address('networks', network) }, network)), h('p', null, 'from ', timeOf(graph.start), ' to ', timeOf(graph.end))),
    h('div', { class: 'drawing' }, drawn(result, filled), legend(filled)),
    h('div', { class: 'side' }, graphFacts(graph), response(graph), notes(graph)));
}

export function figures(store, context) {
  const networks = store.graphs.entries();
  return {
    counter: networks.length ? `${count(networks.length)} network${networks.length > 1 ? 's' : ''}` : '',
    body: h('div', { class: 'networks' }, networks.length
      ? networks.map(entry => figure(entry, store, context))
      : empty('No graph learned yet. Publish the readings of a sensor network, a few windows of them:',
        'infra/streams publish signals --network weather --source readings.csv')),
  };
}

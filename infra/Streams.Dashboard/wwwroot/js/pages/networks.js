import { h, count, measured, number, table, timeOf, when, empty } from '../dom.js';
import { patch } from '../patch.js';
import { history, readings } from '../api.js';
import { plot, sparkline } from '../chart.js';
import { drawn, figures, graphFacts, legend, notes, response } from '../graphs.js';

const GRAPHS = 'sensor.graphs';
const IMPUTED = 'sensor.imputed';
const PAST_GRAPHS = 20;
const PAST_FILLED = 200;
const EDGES = 15;
const GAPS = 12;
const READINGS_EVERY = 3000;

/** Of a normal distribution: 90 % lie within so many standard deviations. */
const NINETY = 1.645;

export const networks = {
  title: 'Sensor networks',
  open: (root, context, [network, sensor]) => (network ? one(root, context, network, sensor) : all(root, context)),
};

const all = (root, context) => ({
  draw: () => patch(root, h('h2', { class: 'visually-hidden' }, 'The newest graph of each'), figures(context.store, context).body),
});

function one(root, context, network, named) {
  let sensor = named ?? null;
  let read = null;
  let unread = null;
  let alarms = new Map();
  let allEdges = false;
  let allGaps = false;
  let timer;
  let closed = false;

  async function past() {
    try {
      const [graphs, filled] = await Promise.all([
        history(GRAPHS, context.run, network, { limit: PAST_GRAPHS }),
        history(IMPUTED, context.run, network, { limit: PAST_FILLED }).catch(() => ({ results: [] })),
      ]);
      graphs.results.forEach(alarm);
      [...filled.results].reverse().forEach(result => context.store.add(result));
    } catch {
      // Without results yet: the page says so.
    }
    context.draw();
  }

  const alarm = ({ data }) => data.alarms?.forEach(each => alarms.set(each.time, each));

  // Readings are what live got; what a replay reads is the same.
  async function look() {
    clearTimeout(timer);
    try {
      if (!document.hidden) {
        const of = sensor;
        const answer = await readings(network, of);
        unread = null;
        if (of === sensor) read = answer;
        if (!sensor && answer.sensors.length > 0) {
          sensor = firstOf(answer.sensors);
          if (!closed) look();
          return;
        }
      }
    } catch (error) {
      unread = error.message;
    }
    if (closed) return;
    timer = setTimeout(look, READINGS_EVERY);
    context.draw();
  }

  /** One with gaps, if there is one: it has more to show. */
  const firstOf = sensors => sensors.find(name => context.store.filled.sensorsOf(network).has(name)) ?? sensors[0];

  function choose(name) {
    if (name === sensor) return;
    sensor = name;
    read = read && { ...read, values: {} };
    look();
    context.draw();
  }

  function series() {
    const filled = context.store.filled.pointsOf(network, sensor);
    const times = read?.times ?? [];
    const values = read?.values[sensor] ?? [];
    const from = times.length ? Date.parse(times[0]) : -Infinity;
    const points = filled.filter(p => p.at >= from);
    return {
      points,
      count: values.filter(value => value !== null).length,
      chart: plot({
        label: `Sensor ${sensor}: ${count(values.filter(v => v !== null).length)} readings, ${count(points.length)} filled in, ${count(alarms.size)} drift marks`,
        times: true,
        yTitle: read?.units ?? '',
        series: [
          { kind: 'band', name: 'filled-in', points: band(times, points) },
          { kind: 'line', name: 'readings', points: times.map((time, i) => (values[i] === null || values[i] === undefined ? null : [Date.parse(time), values[i]])) },
          { kind: 'dots', name: 'filled-in', points: points.map(p => [p.at, p.value, `${when(p.time)}: ${measured(p.value, p.sd).join(' ± ')}`]) },
          ...[...alarms.values()].map(each => ({ kind: 'mark', name: 'drift', x: Date.parse(each.time), text: 'drift' })),
        ],
      }),
    };
  }

  /** The intervals; between values that have readings between them there is a gap. */
  function band(times, points) {
    const row = new Map(times.map((time, i) => [Date.parse(time), i]));
    return points.flatMap((p, i) => [
      ...(i > 0 && row.get(p.at) !== row.get(points[i - 1].at) + 1 ? [null] : []),
      [p.at, p.value - NINETY * p.sd, p.value + NINETY * p.sd]]);
  }

  function sensorCard() {
    const sensors = read?.sensors ?? [];
    const { points, chart } = series();
    return h('section', { class: 'card sensor', 'aria-labelledby': 'sensor-title' },
      h('header', null,
        h('h2', { id: 'sensor-title' }, 'Readings'),
        sensors.length > 0 && h('label', null, 'Sensor ', h('select', { id: 'sensor', onchange: event => choose(event.target.value) },
          sensors.map(name => h('option', { value: name, selected: name === sensor }, name))))),
      unread ? h('p', { class: 'empty' }, unread)
        : chart ?? h('p', { class: 'empty' }, read ? 'This sensor has neither readings nor filled-in values that are still there.' : 'Loading the readings…'),
      chart && h('p', { class: 'legend' },
        h('span', { class: 'key line' }), 'reading · ', h('span', { class: 'mark' }), 'filled in, with its 90 % interval',
        alarms.size > 0 && [' · ', h('span', { class: 'key drift' }), 'drift found']),
      points.length > 0 && h('details', null,
        h('summary', null, `The ${count(points.length)} filled-in values as a table`),
        table(`Filled-in values of ${sensor}`, ['Event time', 'Value', 'Standard deviation'], [...points].reverse().slice(0, 50).map(p => {
          const [value, sd] = measured(p.value, p.sd);
          return h('tr', { 'data-key': p.time }, h('td', null, timeOf(p.time)), h('td', null, value), h('td', null, sd));
        }))));
  }

  function gaps() {
    const rows = [...context.store.filled.sensorsOf(network).keys()].map(name => [name, context.store.filled.pointsOf(network, name)])
      .filter(([, points]) => points.length > 0)
      .sort(([a, p], [b, q]) => q.at(-1).at - p.at(-1).at || a.localeCompare(b, 'en', { numeric: true }));
    const units = context.store.filled.networks.get(network)?.units;
    return h('section', { class: 'card sensors', 'aria-labelledby': 'gaps-title' },
      h('header', null, h('h2', { id: 'gaps-title' }, 'Sensors with gaps'), h('p', null, `${count(rows.length)}, each value estimated from the other sensors`)),
      rows.length === 0
        ? empty('Nothing filled in yet. Gaps are filled once the graph is learned; leave a cell empty in the CSV to make one:', `infra/streams publish signals --network ${network} --source readings.csv`)
        : table('Table of sensors with gaps', ['Sensor', 'Filled in over time', 'Newest value ± sd', 'Event time', 'Filled in'], (allGaps ? rows : rows.slice(0, GAPS)).map(([name, points]) => {
          const [value, sd] = measured(points.at(-1).value, points.at(-1).sd);
          return h('tr', { 'data-key': name },
            h('th', { scope: 'row' }, h('button', { type: 'button', class: 'plain', 'aria-pressed': String(name === sensor), onclick: () => choose(name) }, name)),
            h('td', { class: 'trend' }, sparkline(points, `${points.length} filled-in readings, newest ${value}`)),
            h('td', { class: 'reading' }, h('span', { class: 'mark', title: 'Filled in' }), value, h('span', { class: 'sd' }, ` ± ${sd}`), units && h('span', { class: 'unit' }, ` ${units}`)),
            h('td', { class: 'at' }, timeOf(points.at(-1).time)),
            h('td', { class: 'many' }, count(points.length)));
        })),
      rows.length > GAPS && h('button', { type: 'button', 'aria-expanded': String(allGaps), onclick: () => { allGaps = !allGaps; context.draw(); } },
        allGaps ? `Show the newest ${GAPS}` : `Show all ${count(rows.length)}`));
  }

  function edges(graph) {
    const shown = allEdges ? graph.edges : graph.edges.slice(0, EDGES);
    return h('section', { class: 'card edges', 'aria-labelledby': 'edges-title' },
      h('header', null, h('h2', { id: 'edges-title' }, 'Edges'), h('p', null, `${count(graph.edges.length)} above ${number(graph.threshold)}, the strongest first`)),
      table('Table of edges', ['From', 'To', 'Weight', 'Stability'], shown.map(e => h('tr', { 'data-key': `${e.from}-${e.to}` },
        h('td', null, graph.sensors[e.from]), h('td', null, graph.sensors[e.to]),
        h('td', null, h('meter', { min: 0, max: 1, value: e.weight, 'aria-hidden': 'true' }), number(e.weight)),
        h('td', { title: 'Share of the last learning steps in which it was an edge' }, e.stability == null ? '–' : `${Math.round(100 * e.stability)} %`)))),
      graph.edges.length > EDGES && h('button', { type: 'button', 'aria-expanded': String(allEdges), onclick: () => { allEdges = !allEdges; context.draw(); } },
        allEdges ? `Show the strongest ${EDGES}` : `Show all ${count(graph.edges.length)}`));
  }

  function drift() {
    const found = [...alarms.values()].sort((a, b) => (a.time < b.time ? 1 : -1));
    return found.length > 0 && h('section', { class: 'card', 'aria-labelledby': 'drift-title' },
      h('h2', { id: 'drift-title' }, 'Drift'),
      h('ul', { class: 'notes' }, found.map(each => h('li', { 'data-key': each.time }, timeOf(each.time), ` statistic ${number(each.statistic)}, answered by ${each.response}`))));
  }

  past();
  look();
  return {
    draw() {
      const result = context.store.graphs.latest(network);
      const filled = context.store.filled.sensorsOf(network);
      patch(root,
        h('p', { class: 'back' }, h('a', { href: context.address('networks') }, 'All sensor networks')),
        result
          ? h('article', { class: 'card graph', 'aria-label': `Learned graph of ${network}` },
            h('header', null, h('h2', null, 'Learned graph'), h('p', null, 'from ', timeOf(result.data.start), ' to ', timeOf(result.data.end))),
            h('div', { class: 'drawing' }, drawn(result, filled), legend(filled)),
            h('div', { class: 'side' }, graphFacts(result.data), response(result.data), notes(result.data)))
          : empty(`No graph of ${network} learned yet. It takes a few windows of readings:`, `infra/streams publish signals --network ${network} --source readings.csv`),
        sensorCard(), drift(), gaps(), result && edges(result.data));
    },
    take(result) {
      if (result.topic === GRAPHS && result.key === network) alarm(result);
    },
    reload() {
      alarms = new Map();
      past();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

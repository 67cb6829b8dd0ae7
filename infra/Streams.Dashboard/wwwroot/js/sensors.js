import { h, count, measured, timeOf, empty } from './dom.js';
import { sparkline } from './chart.js';

const KEEP = 64;
const ROWS = 12;

/** Filled-in readings by network and sensor. */
export class FilledIn {
  constructor() {
    this.networks = new Map();
  }

  clear() {
    this.networks.clear();
  }

  add(result) {
    const { network, units, values } = result.data;
    let known = this.networks.get(network);
    if (!known) this.networks.set(network, known = { units, sensors: new Map() });
    known.units = units ?? known.units;
    for (const { time, sensor, value, standardDeviation } of values) {
      let points = known.sensors.get(sensor);
      if (!points) known.sensors.set(sensor, points = new Map());
      points.set(time, { time, at: Date.parse(time), value, sd: standardDeviation });
      if (points.size > 2 * KEEP) {
        known.sensors.set(sensor, new Map([...points].sort(([a], [b]) => (a < b ? -1 : 1)).slice(-KEEP)));
      }
    }
  }

  sensorsOf(network) {
    return this.networks.get(network)?.sensors ?? new Map();
  }
}

function row(name, points, units) {
  const newest = points.at(-1);
  const [value, sd] = measured(newest.value, newest.sd);
  return h('tr', null,
    h('th', { scope: 'row' }, name),
    h('td', { class: 'trend' }, sparkline(points, `${points.length} filled-in readings, newest ${value}`)),
    h('td', { class: 'reading' },
      h('span', { class: 'mark', title: 'Filled in' }),
      h('span', { class: 'visually-hidden' }, 'filled in: '),
      value, h('span', { class: 'sd' }, ` ± ${sd}`), units && h('span', { class: 'unit' }, ` ${units}`)),
    h('td', { class: 'at' }, timeOf(newest.time)),
    h('td', { class: 'many' }, points.length >= KEEP ? `${KEEP}+` : count(points.length)));
}

function table(network, { units, sensors }, expanded, toggle) {
  const rows = [...sensors]
    .map(([name, points]) => [name, [...points.values()].sort((a, b) => a.at - b.at).slice(-KEEP)])
    .sort(([a, p], [b, q]) => q.at(-1).at - p.at(-1).at || a.localeCompare(b, 'en', { numeric: true }));
  const shown = expanded ? rows : rows.slice(0, ROWS);
  return h('article', { class: 'card sensors', 'aria-label': `Sensor network ${network}` },
    h('header', null, h('h3', null, network), h('p', null, `${count(rows.length)} sensor${rows.length > 1 ? 's' : ''} with gaps`)),
    h('div', { class: 'scroll' }, h('table', null,
      h('thead', null, h('tr', null, ['Sensor', 'Filled in over time', 'Newest value ± sd', 'Event time', 'Filled in'].map(title => h('th', { scope: 'col' }, title)))),
      h('tbody', null, shown.map(([name, points]) => row(name, points, units))))),
    rows.length > ROWS && button(expanded ? `Show the newest ${ROWS}` : `Show all ${count(rows.length)}`, expanded, () => toggle(network)));
}

function button(text, expanded, press) {
  const element = h('button', { type: 'button', 'aria-expanded': String(expanded) }, text);
  element.addEventListener('click', press);
  return element;
}

const expanded = new Set();

export function renderSensors(body, counter, filled) {
  const networks = [...filled.networks].filter(([, known]) => known.sensors.size > 0).sort(([a], [b]) => a.localeCompare(b));
  counter.textContent = networks.length ? 'each value shown was missing and is estimated from the other sensors' : '';
  const toggle = network => {
    if (!expanded.delete(network)) expanded.add(network);
    renderSensors(body, counter, filled);
  };
  body.replaceChildren(...(networks.length
    ? networks.map(([network, known]) => table(network, known, expanded.has(network), toggle))
    : [empty('Nothing filled in yet. Gaps are filled once a network’s graph is learned; leave a cell empty in the CSV to make one:',
      'infra/streams publish signals --network weather --source readings.csv')]));
}

import { h, count, fact, milliseconds, number, timeOf } from './dom.js';
import { rateLine } from './chart.js';
import { patch } from './patch.js';

const TITLES = { 'video.frames': 'Video frames', 'sensor.signals': 'Sensor signals', 'label.samples': 'Label samples' };

function lag({ lag, lagSeconds }) {
  return lag > 0 && lagSeconds !== undefined ? `${count(lag)} · ${milliseconds(1000 * lagSeconds)}` : count(lag);
}

function card(topic, known) {
  const latency = topic.eventToResult;
  const perSecond = known?.rate ?? null;
  return h('article', { class: 'card total', 'aria-label': topic.topic, 'data-key': topic.topic },
    h('h3', null, TITLES[topic.topic] ?? topic.topic),
    h('p', { class: 'figure' }, count(topic.recordsIn), h('span', null, ' records in')),
    h('div', { class: 'rate' },
      h('span', null, perSecond === null ? '–' : `${perSecond > 0 ? number(+perSecond.toPrecision(2)) : '0'} a second`),
      rateLine(known?.past ?? [])),
    h('dl', null,
      fact('Results', count(topic.results)),
      fact('In flight', count(topic.inFlight), 'Read and not settled yet'),
      fact('Lag', lag(topic), 'Records on the broker that are not settled yet, and since when they are there', topic.lagSeconds > 10 ? { class: 'warn' } : null),
      fact('Dead letters', topic.deadLetters > 0 ? h('a', { href: '#/dead-letters' }, count(topic.deadLetters)) : '0',
        `Records that could not be used: topic ${topic.topic}.dlt`, topic.deadLetters > 0 ? { class: 'bad' } : null),
      fact('Latency p50', latency ? milliseconds(latency.p50Milliseconds) : '–', 'From event time to result'),
      fact('p99', latency ? milliseconds(latency.p99Milliseconds) : '–', 'From event time to result')));
}

export const totals = store => store.status?.pipeline.topics.map(topic => card(topic, store.rates.get(topic.topic))) ?? [];

/** A service and when it last answered, by the clock of the host. */
function service({ name, healthy, detail, lastContact }) {
  return h('li', { class: healthy ? 'good' : 'bad' },
    h('strong', null, name), ` ${detail} `,
    h('span', { class: 'badge' }, healthy ? 'Works' : 'Does not work'),
    !healthy && lastContact && [' last answer ', timeOf(lastContact)]);
}

/** Services, silos and devices, as the silo that answers sees them. */
export function machines({ pipeline: { components = [], silos = [], devices = [] } }) {
  return h('div', { class: 'machines' },
    h('section', { class: 'card', 'aria-labelledby': 'services-title' },
      h('h3', { id: 'services-title' }, `Services (${count(components.length)})`),
      h('ul', null, components.map(service))),
    h('section', { class: 'card', 'aria-labelledby': 'silos-title' },
      h('h3', { id: 'silos-title' }, `Silos (${count(silos.length)})`),
      h('ul', null, silos.map(silo => h('li', { class: silo.status === 'Active' ? 'good' : 'bad' },
        h('strong', null, silo.name || silo.address), ` ${silo.address} `, h('span', { class: 'badge' }, silo.status))))),
    h('section', { class: 'card', 'aria-labelledby': 'devices-title' },
      h('h3', { id: 'devices-title' }, `Devices (${count(devices.length)})`),
      devices.length === 0 && h('p', null, 'No model is loaded: it will be with the first clip.'),
      h('ul', null, devices.map(device => h('li', { class: 'good' }, h('strong', null, device.name), ` ${device.use}`)))));
}

export function renderComponents(footer, status) {
  const { silo, startedAt, components } = status.pipeline;
  patch(footer,
    h('ul', { class: 'components' }, components.map(component => h('li', { class: component.healthy ? 'good' : 'bad' },
      h('strong', null, component.name),
      h('span', { class: 'visually-hidden' }, component.healthy ? ' works: ' : ' does not work: '),
      h('span', null, component.detail)))),
    h('p', null, `Silo ${silo}, up for ${milliseconds(Date.now() - Date.parse(startedAt))} · `,
      h('a', { href: `/api/status?run=${encodeURIComponent(status.run)}` }, 'status'), ' · ',
      ['video.captions', 'sensor.graphs', 'sensor.imputed', 'label.queries', 'label.modes'].flatMap((topic, i) =>
        [i ? ' · ' : '', h('a', { href: `/api/results/${topic}?run=${encodeURIComponent(status.run)}` }, topic)])));
}

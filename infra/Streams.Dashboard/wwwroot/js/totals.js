import { h, count, milliseconds } from './dom.js';

const TITLES = { 'video.frames': 'Video frames', 'sensor.signals': 'Sensor signals', 'label.samples': 'Label samples' };

const fact = (name, value, attributes, title) => h('div', { ...attributes, title }, h('dt', null, name), h('dd', null, value));

function card(topic) {
  const latency = topic.eventToResult;
  return h('article', { class: 'card total', 'aria-label': topic.topic },
    h('h3', null, TITLES[topic.topic] ?? topic.topic),
    h('p', { class: 'figure' }, count(topic.recordsIn), h('span', null, ' records in')),
    h('dl', null,
      fact('Results', count(topic.results)),
      fact('In flight', count(topic.inFlight), null, 'Read and not settled yet'),
      fact('Lag', count(topic.lag), topic.lag > 1000 ? { class: 'warn' } : null, 'On the broker and not settled yet'),
      fact('Dead letters', count(topic.deadLetters), topic.deadLetters > 0 ? { class: 'bad' } : null, `Records that could not be used: topic ${topic.topic}.dlt`),
      fact('Latency p50', latency ? milliseconds(latency.p50Milliseconds) : '–', null, 'From event time to result'),
      fact('p99', latency ? milliseconds(latency.p99Milliseconds) : '–', null, 'From event time to result')));
}

export function renderTotals(section, status) {
  section.replaceChildren(...status.pipeline.topics.map(card));
}

export function renderComponents(footer, status) {
  const { silo, startedAt, components } = status.pipeline;
  footer.replaceChildren(
    h('ul', { class: 'components' }, components.map(component => h('li', { class: component.healthy ? 'good' : 'bad' },
      h('strong', null, component.name),
      h('span', { class: 'visually-hidden' }, component.healthy ? ' works: ' : ' does not work: '),
      h('span', null, component.detail)))),
    h('p', null, `Silo ${silo}, up for ${milliseconds(Date.now() - Date.parse(startedAt))} · `,
      h('a', { href: `/api/status?run=${encodeURIComponent(status.run)}` }, 'status'), ' · ',
      ['video.captions', 'sensor.graphs', 'sensor.imputed', 'label.queries', 'label.modes'].flatMap((topic, i) =>
        [i ? ' · ' : '', h('a', { href: `/api/results/${topic}?run=${encodeURIComponent(status.run)}` }, topic)])));
}

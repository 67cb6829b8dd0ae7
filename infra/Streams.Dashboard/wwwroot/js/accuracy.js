import { h, count, percent } from './dom.js';

/** Only where the truth is known, as in the demo; replays are not compared. */
export function accuracyOf(status) {
  const accuracy = status?.run === 'live' ? status.pipeline.accuracy : null;
  return accuracy?.clips > 0
    ? h('details', { class: 'accuracy', open: true },
      h('summary', null, `${count(accuracy.exact)} of ${count(accuracy.clips)} captions right in every word, held against the truth`),
      h('dl', null, accuracy.attributes.map(({ attribute, right, total }) => h('div', { title: `${count(right)} of ${count(total)}` },
        h('dt', null, attribute),
        h('dd', null,
          h('meter', { min: 0, max: 1, low: 0.9, high: 0.97, optimum: 1, value: right / total, 'aria-hidden': 'true' }),
          percent(right / total))))))
    : null;
}

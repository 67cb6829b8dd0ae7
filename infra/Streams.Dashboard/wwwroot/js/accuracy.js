import { h, count, percent } from './dom.js';

// Drawn only when it changes: what is open stays open, and what has the focus keeps it.
let drawn = '';

/** Only where the truth is known, as in the demo; replays are not compared. */
export function renderAccuracy(section, { run, pipeline: { accuracy } }) {
  const shown = run === 'live' && accuracy?.clips > 0 ? accuracy : null;
  if (JSON.stringify(shown) === drawn) return;
  drawn = JSON.stringify(shown);
  const open = section.firstChild?.open ?? true;
  section.replaceChildren(...(shown
    ? [h('details', { class: 'accuracy', open },
      h('summary', null, `${count(shown.exact)} of ${count(shown.clips)} captions right in every word, held against the truth`),
      h('dl', null, shown.attributes.map(({ attribute, right, total }) => h('div', { title: `${count(right)} of ${count(total)}` },
        h('dt', null, attribute),
        h('dd', null,
          h('meter', { min: 0, max: 1, low: 0.9, high: 0.97, optimum: 1, value: right / total, 'aria-hidden': 'true' }),
          percent(right / total))))))]
    : []));
}

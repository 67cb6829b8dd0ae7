import { h, count, percent, table } from './dom.js';

const accuracies = status => (status?.run === 'live' && status.pipeline.accuracy?.clips > 0 ? status.pipeline.accuracy : null);

const right = ({ clips, exact }) => `${count(exact)} of ${count(clips)} captions right in every word, held against the truth`;

const share = (of, name) => {
  const found = of.attributes.find(({ attribute }) => attribute === name);
  return h('td', found ? { title: `${count(found.right)} of ${count(found.total)}` } : null, found ? percent(found.right / found.total) : '–');
};

/** All cameras, a row each. Only where the truth is known, as in the demo; replays are not compared. */
export function accuracyOfAll(status) {
  const accuracy = accuracies(status);
  if (!accuracy) return null;
  const names = accuracy.attributes.map(({ attribute }) => attribute);
  const row = (name, of) => h('tr', { 'data-key': name },
    h('th', { scope: 'row' }, name), h('td', null, `${count(of.exact)} of ${count(of.clips)}`), names.map(attribute => share(of, attribute)));
  return h('details', { class: 'accuracy', open: true },
    h('summary', null, right(accuracy)),
    table('Captions held against the truth', ['Camera', 'In every word', ...names], [
      ...accuracy.cameras.map(of => row(of.camera, of)),
      accuracy.cameras.length > 1 && row('all', accuracy)]));
}

/** One camera. */
export function accuracyOf(status, camera) {
  const accuracy = accuracies(status)?.cameras.find(each => each.camera === camera);
  return accuracy
    ? h('details', { class: 'accuracy', open: true },
      h('summary', null, right(accuracy)),
      h('dl', null, accuracy.attributes.map(({ attribute, right: times, total }) => h('div', { title: `${count(times)} of ${count(total)}` },
        h('dt', null, attribute),
        h('dd', null,
          h('meter', { min: 0, max: 1, low: 0.9, high: 0.97, optimum: 1, value: times / total, 'aria-hidden': 'true' }),
          percent(times / total))))))
    : null;
}

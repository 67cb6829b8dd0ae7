import { h, count, table, timeOf } from './dom.js';
import { patch } from './patch.js';
import { history, keys } from './api.js';
import { compare } from './order.js';

const SHOWN = 100;
const RESULTS = {
  'video.frames': ['video.captions'],
  'sensor.signals': ['sensor.graphs', 'sensor.imputed'],
  'label.samples': ['label.modes', 'label.queries'],
};
const ALL = Object.values(RESULTS).flat();

/** A result in a few words. */
const WORDS = {
  'video.captions': d => `${d.text} (${Math.round(100 * d.confidence)} %)`,
  'sensor.graphs': d => `${count(d.edges.length)} edges, fit error ${d.fit.toFixed(4)}`,
  'sensor.imputed': d => `${count(d.values.length)} values, first ${d.values[0]?.sensor ?? 'none'} ${d.values[0]?.value.toFixed(3) ?? ''}`,
  'label.modes': d => `${d.status.toLowerCase()} ${d.mode ?? ''} with ${count(d.labelsUsed)} labels, delta ${d.delta}`,
  'label.queries': d => (d.kind === 'STOP' ? 'stop' : `${d.kind.toLowerCase()} ${d.sample}`),
};

/** The id without its run: what two runs have in common. */
const sourceOf = id => id.slice(id.indexOf('/') + 1);

/** Two runs side by side: the newest results of one key, aligned by the records that they were made of. */
export function comparison(context, root) {
  // live itself may be a promoted run; what live made is live:own.
  let [a, b, topic, key] = ['live:own', null, null, null];
  let found = [];
  let rows = null;
  let problem = null;
  let turn = 0;

  async function load() {
    const of = ++turn;
    [rows, problem] = [null, null];
    if (!a || !b || !topic) return context.draw();
    try {
      const [one, other] = await Promise.all([keys(topic, a), keys(topic, b)]);
      if (of !== turn) return null;
      found = [...new Set([...one, ...other])].sort((x, y) => x.localeCompare(y, 'en', { numeric: true }));
      if (!found.includes(key)) key = found[0] ?? null;
      if (key) {
        const [left, right] = await Promise.all([[a, one], [b, other]].map(async ([run, has]) => (has.includes(key) ? (await history(topic, run, key, { limit: SHOWN })).results : [])));
        if (of !== turn) return null;
        rows = aligned(left, right);
      } else {
        rows = [];
      }
    } catch (error) {
      problem = error.message;
    }
    return context.draw();
  }

  function aligned(left, right) {
    const pairs = new Map();
    for (const result of left) pairs.set(sourceOf(result.id), { left: result });
    for (const result of right) pairs.set(sourceOf(result.id), { ...pairs.get(sourceOf(result.id)), right: result });
    // Where one side goes further back than was asked for, the other's older ones have nothing to stand beside.
    const floor = Math.max(...[left, right].filter(side => side.length === SHOWN).map(side => Date.parse(side.at(-1).time)), -Infinity);
    return [...pairs.values()].filter(pair => Date.parse((pair.left ?? pair.right).time) >= floor)
      .map(pair => ({ ...pair, equal: pair.left && pair.right && JSON.stringify(pair.left.data) === JSON.stringify(pair.right.data) }))
      .sort((x, y) => compare(y.left ?? y.right, x.left ?? x.right));
  }

  const choice = (label, value, options, change) => h('label', null, `${label} `, h('select', { onchange: event => { change(event.target.value); load(); } },
    options.map(([each, name]) => h('option', { value: each, selected: each === value }, name))));

  function cell(result) {
    return h('td', null, result ? WORDS[result.topic](result.data) : h('span', { class: 'none' }, 'nothing'));
  }

  return {
    show(run) {
      b = run;
      topic = null;
      context.draw();
      requestAnimationFrame(() => root.querySelector('h2')?.focus());
    },
    draw(known) {
      const names = [['live:own', 'live'], ...known.map(({ run }) => [run, run])];
      if (b && !names.some(([name]) => name === b)) b = null;
      if (!b) return patch(root);
      const source = known.find(({ run }) => run === b)?.topic;
      const topics = RESULTS[source] ?? ALL;
      if (!topics.includes(topic)) {
        [topic] = topics;
        load();
      }
      const differing = rows?.filter(row => !row.equal).length;
      return patch(root, h('section', { class: 'card comparison', 'aria-labelledby': 'compare-title' },
        h('header', null, h('h2', { id: 'compare-title', tabindex: -1 }, 'Side by side'),
          h('button', { type: 'button', 'aria-label': 'Close the comparison', onclick: () => { b = null; context.draw(); } }, 'Close')),
        h('div', { class: 'filters' },
          choice('Left', a, names, value => { a = value; }),
          choice('Right', b, names, value => { b = value; }),
          choice('Results', topic, topics.map(each => [each, each]), value => { topic = value; }),
          found.length > 0 && choice('Key', key, found.map(each => [each, each]), value => { key = value; })),
        problem && h('p', { class: 'problem' }, problem),
        !rows && !problem && h('p', null, 'Loading…'),
        rows && (rows.length === 0
          ? h('p', { class: 'empty' }, 'Neither has results here. Choose another topic, or wait until the run is done.')
          : [h('p', { role: 'status' }, differing === 0 ? rows.length === 1 ? 'The only result is equal.' : `The newest ${count(rows.length)} results are equal.` : `${count(differing)} of the newest ${count(rows.length)} results differ.`),
            table('Results side by side', ['Event time', a === 'live:own' ? 'live' : a, b === 'live:own' ? 'live' : b, h('span', { class: 'visually-hidden' }, 'Verdict')], rows.map(({ left, right, equal }) => h('tr', {
              'data-key': sourceOf((left ?? right).id), class: equal ? null : 'differs',
            }, h('td', { class: 'at' }, timeOf((left ?? right).time)), cell(left), cell(right), h('td', null, equal ? 'equal' : left && right ? 'different' : 'on one side')))),
          ])));
    },
  };
}

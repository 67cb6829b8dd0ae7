import { h, count, fact, number, table, timeOf } from '../dom.js';
import { patch } from '../patch.js';
import { stopTask, trace } from '../api.js';
import { ask } from '../ask.js';
import { plot } from '../chart.js';
import { badge, bar, leaderOf, taskCards, taskFacts, view } from '../modes.js';
import { operate } from '../operate.js';

const SHOWN_LABELS = 12;
const LOOK_EVERY = 3000;

export const tasks = {
  title: 'Labelling tasks',
  open: (root, context, [task]) => (task ? one(root, context, task) : all(root, context)),
};

const all = (root, context) => ({
  draw: () => patch(root, h('h2', { class: 'visually-hidden' }, 'Where each stands'), taskCards(context.store, context).body),
});

const log10 = natural => natural / Math.LN10;
const power = exponent => (Number.isInteger(exponent) ? `10${superscript(exponent)}` : number(10 ** exponent));
const superscript = n => String(n).replace(/[-0-9]/g, c => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(c)]);

function one(root, context, task) {
  let known = null;
  let problem = null;
  let timer;
  let closed = false;
  // Something has come since the last look.
  let stale = true;

  async function look() {
    clearTimeout(timer);
    if (stale && !document.hidden) {
      stale = false;
      try {
        known = await trace(task);
        problem = null;
      } catch (error) {
        problem = error.message;
      }
      context.draw();
    }
    // A passive task tells nothing while it is open, and what the server gives may be a little old: both are looked at again.
    if (!closed && (problem || known?.isOpen)) timer = setTimeout(() => { stale = true; look(); }, LOOK_EVERY);
  }

  async function stop() {
    const sure = await ask(`Stop asking about ${task}?`, 'The task ends now with what it knows: it abstains, unless it has its answer. That is written to its log, so a replay ends there as well.', 'Stop asking now');
    if (!sure) return null;
    await stopTask(task);
    stale = true;
    look();
    return `Task ${task} was told to stop.`;
  }

  function evidence() {
    const { points, logThreshold, stopsOnEvidence, rule, delta } = known;
    const level = logThreshold === undefined ? undefined : log10(logThreshold);
    const epochs = points.filter((point, i) => i > 0 && point.epoch > points[i - 1].epoch);
    // Epochs count from nothing: each is a line of its own, put after the one before.
    let past = 0;
    const line = [];
    points.forEach((point, i) => {
      if (i > 0 && point.epoch > points[i - 1].epoch) {
        past += points[i - 1].labels;
        line.push(null);
      }
      line.push([past + point.labels, log10(point.logEValue)]);
    });
    return h('section', { class: 'card', 'aria-labelledby': 'evidence-title' },
      h('h2', { id: 'evidence-title' }, 'Evidence over labels'),
      plot({
        label: `The e-value by labels counted, now ${power(Math.round(log10(points.at(-1)?.logEValue ?? 0) * 10) / 10)}${level === undefined ? '' : `; decided at ${power(Math.round(level * 10) / 10)}`}`,
        xTitle: 'labels counted',
        yTitle: 'e-value',
        yText: v => (Number.isInteger(v) ? power(v) : number(10 ** v)),
        whole: true,
        floor: 0,
        series: [
          ...(level === undefined ? [] : [{ kind: 'level', y: level, text: `decides at ${number(10 ** level)}` }]),
          { kind: 'line', name: 'evidence', points: line },
          ...(line.filter(Boolean).length < 60 ? [{ kind: 'dots', name: 'evidence', points: line.filter(Boolean) }] : []),
          ...epochs.map(point => ({ kind: 'mark', x: line.find((p, i) => p && line[i - 1] === null)?.[0] ?? point.labels, text: `epoch ${point.epoch}` })),
        ],
      }) ?? h('p', { class: 'empty' }, 'No label was counted yet.'),
      rule && h('p', { class: 'legend' }, `Rule ${rule}, wrong with probability ${number(delta)} at most. `,
        !stopsOnEvidence && 'It decides by confidence bounds; the e-value is shown for comparison.'));
  }

  function counts() {
    const { labels } = known;
    const most = Math.max(1, labels[0]?.count ?? 0);
    return h('section', { class: 'card', 'aria-labelledby': 'counts-title' },
      h('h2', { id: 'counts-title' }, 'Samples by label'),
      labels.length === 0
        ? h('p', { class: 'empty' }, known.definition?.queryModel === 'pairs' ? 'A task about pairs names no labels.' : 'No label yet.')
        : [labels.slice(0, SHOWN_LABELS).map(({ label, count: n }, i) => bar(label, n, most, i === 0 ? 'first' : 'second')),
          labels.length > SHOWN_LABELS && h('details', null, h('summary', null, `All ${count(labels.length)} labels`),
            table('Table of samples by label', ['Label', 'Samples'], labels.map(each => h('tr', { 'data-key': each.label }, h('th', { scope: 'row' }, each.label), h('td', null, count(each.count))))))]);
  }

  function definition({ definition }) {
    if (!definition) return null;
    const shown = Object.entries(definition).filter(([name]) => name !== 'task');
    return h('details', { class: 'card' }, h('summary', null, 'Definition'),
      h('dl', { class: 'pairs' }, shown.map(([name, value]) => fact(name, name === 'deadline' ? timeOf(value) : String(value)))));
  }

  look();
  return {
    draw() {
      const v = view(task, context.store);
      const last = known?.points.at(-1);
      patch(root,
        h('p', { class: 'back' }, h('a', { href: context.address('tasks') }, 'All labelling tasks')),
        !v && !known && (problem
          ? h('div', { class: 'empty' }, h('p', null, problem))
          : h('p', { class: 'empty' }, 'Loading the task…')),
        (v || known) && h('section', { class: 'card task', 'aria-label': 'Where it stands' },
          h('header', null, h('h2', null, task), v ? badge(v) : h('span', { class: 'badge' }, known.isOpen ? 'Counting' : 'Ended')),
          v ? leaderOf(v) : last && h('p', { class: 'leader' }, h('span', { class: 'label' }, last.leader)),
          v ? taskFacts(v) : last && h('dl', null, fact('Labels', count(last.labels)), fact('Asked', count(known.asked))),
          known?.isOpen && operate(context, 'Stop asking now', stop, { class: 'danger' })),
        problem && (v || known) && h('div', { class: 'empty' }, h('p', null, problem)),
        known && !known.isWhole && h('p', { class: 'note' }, 'The task’s log is longer than what is read for this page: counts and evidence are those of its newest part.'),
        known && evidence(), known && counts(), known && definition(known));
    },
    take(result) {
      if (result.key !== task || !result.topic.startsWith('label.')) return;
      // As fast as the answers come, though not faster than the server looks.
      if (!stale) {
        stale = true;
        clearTimeout(timer);
        timer = setTimeout(look, 1000);
      }
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}


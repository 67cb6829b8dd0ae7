import { h, count, fact, percent, empty } from './dom.js';

export const bar = (name, value, most, kind) => h('div', { class: `bar ${kind}` },
  h('span', { class: 'name' }, name),
  h('span', { class: 'track' }, h('span', { class: 'fill', style: { width: `${(100 * value) / most}%` } })),
  h('span', { class: 'value' }, count(value)));

/** A label by name or, where only pairs are asked about, by a sample that has it. */
const named = (label, sample) => label ?? (sample === undefined ? undefined : `like sample ${sample}`);

const ENDINGS = { DECIDED: 'decided', EPS_MODE: 'tolerated', REOPENED: 'reopened', ABSTAIN: 'abstained' };

/** What is known of a task: the newest query tells how far it is, its mode how it ended. */
export function view(task, { queries, modes }) {
  const query = queries.latest(task)?.data;
  const mode = modes.latest(task)?.data;
  if (!query && !mode) return null;
  if (mode) {
    return {
      task,
      status: ENDINGS[mode.status] ?? 'abstained',
      leader: named(mode.mode, mode.modeSample),
      leaderCount: mode.leaderWeight ?? mode.leaderCount,
      runnerUpCount: mode.runnerUpWeight ?? mode.runnerUpCount,
      needed: query?.progress.leaderNeeded,
      labels: mode.labelsUsed,
      mode,
    };
  }
  return {
    task,
    status: query.kind === 'STOP' ? 'closing' : 'asking',
    leader: named(query.progress.leader, query.progress.leaderSample),
    leaderCount: query.progress.leaderCount,
    runnerUpCount: query.progress.runnerUpCount,
    needed: query.progress.leaderNeeded,
    labels: query.progress.labels,
    asked: query.query === undefined ? undefined : query.query + 1,
  };
}

export const STATUS = { decided: 'Decided', tolerated: 'Decided within tolerance', reopened: 'Open again', abstained: 'Abstained', asking: 'Asking', closing: 'Stopped asking' };

function threshold(v) {
  if (v.mode || !v.needed) return null;
  const share = Math.min(1, v.leaderCount / v.needed);
  return h('div', { class: 'threshold' },
    h('progress', { value: share, max: 1, 'aria-label': 'Leader count against the count that decides' }),
    h('p', null, `${count(v.leaderCount)} of ${count(v.needed)} needed to decide`));
}

export const leaderOf = v => h('p', { class: 'leader' },
  h('span', { class: 'label' }, v.leader ?? 'no label yet'),
  v.mode && (v.status === 'decided' || v.status === 'tolerated') && h('span', { class: 'confidence' }, `${percent(1 - v.mode.delta, v.mode.delta < 0.01 ? 2 : 0)} confident`));

export const badge = v => h('span', { class: `badge ${v.status}` }, STATUS[v.status]);

export const taskFacts = v => h('dl', null,
  fact('Labels', count(v.labels), 'Labels counted'),
  fact('Asked', count(v.mode ? v.mode.labelsAsked : v.asked), 'Queries sent to oracles'),
  v.mode && fact('Saved', count(v.mode.labelsSaved), 'Labels fewer than labelling the whole pool'),
  v.mode && fact('p-value', v.mode.pValue === 0 ? '0' : v.mode.pValue < 1e-4 ? v.mode.pValue.toExponential(1) : v.mode.pValue.toFixed(4), `Rule ${v.mode.rule}`));

function card(v, context) {
  const most = Math.max(1, v.leaderCount, v.runnerUpCount);
  return h('article', { class: 'card task', 'aria-label': `Task ${v.task}`, 'data-key': v.task },
    h('header', null, h('h3', null, h('a', { href: context.address('tasks', v.task) }, v.task)), badge(v)),
    leaderOf(v),
    bar('Leader', v.leaderCount, most, 'first'),
    bar('Runner-up', v.runnerUpCount, most, 'second'),
    threshold(v),
    taskFacts(v));
}

export function taskCards(store, context) {
  const tasks = [...new Set([...store.queries.byKey.keys(), ...store.modes.byKey.keys()])].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const views = tasks.map(task => view(task, store));
  const done = views.filter(v => v.mode).length;
  return {
    counter: tasks.length ? `${count(done)} of ${count(tasks.length)} finished` : '',
    body: h('div', { class: 'tasks' }, views.length
      ? views.map(v => card(v, context))
      : empty('No labelling task yet. Open one and let an oracle answer its queries from a file of truths:',
        'infra/streams oracle --task colour --truths truths.csv --delta 0.01')),
  };
}

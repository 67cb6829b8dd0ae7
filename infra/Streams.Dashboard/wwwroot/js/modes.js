import { h, count, percent, empty } from './dom.js';

const bar = (name, value, most, kind) => h('div', { class: `bar ${kind}` },
  h('span', { class: 'name' }, name),
  h('span', { class: 'track' }, h('span', { class: 'fill', style: { width: `${(100 * value) / most}%` } })),
  h('span', { class: 'value' }, count(value)));

/** A label by name or, where only pairs are asked about, by a sample that has it. */
const named = (label, sample) => label ?? (sample === undefined ? undefined : `like sample ${sample}`);

const ENDINGS = { DECIDED: 'decided', EPS_MODE: 'tolerated', REOPENED: 'reopened', ABSTAIN: 'abstained' };

/** What is known of a task: the newest query tells how far it is, its mode how it ended. */
function view(task, queries, modes) {
  const query = queries.latest(task)?.data;
  const mode = modes.latest(task)?.data;
  if (mode) {
    return {
      task,
      status: ENDINGS[mode.status] ?? 'abstained',
      leader: named(mode.mode, mode.modeSample),
      leaderCount: mode.leaderCount,
      runnerUpCount: mode.runnerUpCount,
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

const STATUS = { decided: 'Decided', tolerated: 'Decided within tolerance', reopened: 'Open again', abstained: 'Abstained', asking: 'Asking', closing: 'Stopped asking' };

const fact = (name, value, title) => h('div', { title }, h('dt', null, name), h('dd', null, value));

function threshold(v) {
  if (v.mode || !v.needed) return null;
  const share = Math.min(1, v.leaderCount / v.needed);
  return h('div', { class: 'threshold' },
    h('progress', { value: share, max: 1, 'aria-label': 'Leader count against the count that decides' }),
    h('p', null, `${count(v.leaderCount)} of ${count(v.needed)} needed to decide`));
}

function card(v) {
  const most = Math.max(1, v.leaderCount, v.runnerUpCount);
  return h('article', { class: 'card task', 'aria-label': `Task ${v.task}` },
    h('header', null, h('h3', null, v.task), h('span', { class: `badge ${v.status}` }, STATUS[v.status])),
    h('p', { class: 'leader' },
      h('span', { class: 'label' }, v.leader ?? 'no label yet'),
      v.mode && (v.status === 'decided' || v.status === 'tolerated') && h('span', { class: 'confidence' }, `${percent(1 - v.mode.delta, v.mode.delta < 0.01 ? 2 : 0)} confident`)),
    bar('Leader', v.leaderCount, most, 'first'),
    bar('Runner-up', v.runnerUpCount, most, 'second'),
    threshold(v),
    h('dl', null,
      fact('Labels', count(v.labels), 'Labels counted'),
      v.mode ? fact('Asked', count(v.mode.labelsAsked), 'Queries sent to oracles') : fact('Asked', count(v.asked), 'Queries sent to oracles'),
      v.mode && fact('Saved', count(v.mode.labelsSaved), 'Labels fewer than labelling the whole pool'),
      v.mode && fact('p-value', v.mode.pValue < 1e-4 ? v.mode.pValue.toExponential(1) : v.mode.pValue.toFixed(4), `Rule ${v.mode.rule}`)));
}

export function renderModes(body, counter, queries, modes) {
  const tasks = [...new Set([...queries.byKey.keys(), ...modes.byKey.keys()])].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const views = tasks.map(task => view(task, queries, modes));
  const done = views.filter(v => v.mode).length;
  counter.textContent = tasks.length ? `${count(done)} of ${count(tasks.length)} finished` : '';
  body.className = 'body tasks';
  body.replaceChildren(...(views.length
    ? views.map(card)
    : [empty('No labelling task yet. Open one and let an oracle answer its queries from a file of truths:',
      'infra/streams oracle --task colour --truths truths.csv --delta 0.01')]));
}

import { h, count, milliseconds, number, percent, table, timeOf, empty } from '../dom.js';
import { patch } from '../patch.js';
import { deleteRun, registry, rollback, runAction, serving, startRun } from '../api.js';
import { ask } from '../ask.js';
import { operate } from '../operate.js';
import { comparison } from '../comparison.js';
import { replayForm } from '../replay-form.js';

const LOOK_EVERY = 1000;
const STATES = { RUNNING: 'Running', DONE: 'Done', PAUSED: 'Paused', FAILED: 'Failed' };

export const runs = { title: 'Runs', open };

function open(root, context) {
  let known = null;
  let served = null;
  let problem = null;
  let timer;
  let closed = false;
  const verified = new Map();
  const [list, side] = [h('div'), h('div')];
  const form = replayForm(context, async request => {
    const run = await startRun(request);
    look();
    return `Run ${run.run} reads ${count(run.total)} records of ${run.topic}.`;
  });
  const compare = comparison(context, side);
  patch(root, h('div', { class: 'columns' }, form, list), side);

  async function look() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        [known, served] = await Promise.all([registry(), serving()]);
        problem = null;
      } catch (error) {
        problem = error.message;
      }
      context.draw();
    }
    if (!closed) timer = setTimeout(look, LOOK_EVERY);
  }

  async function act(name, action, done) {
    await runAction(name, action);
    await look();
    return done;
  }

  async function verify(name) {
    verified.set(name, null);
    context.draw();
    try {
      const result = await runAction(name, 'verify');
      verified.set(name, result);
      return isEqual(result) ? `Run ${name} and live are equal.` : `Run ${name} and live are different.`;
    } catch (error) {
      verified.delete(name);
      throw error;
    } finally {
      context.draw();
    }
  }

  const promote = async run => await ask(`Serve ${run.run} as live?`,
    `Everybody who reads live then sees what this run made of ${run.topic} within its bounds. Live goes on beside it, and rolling back shows it again.`, 'Promote')
    ? act(run.run, 'promote', `Run ${run.run} is served as live.`) : null;

  const remove = async name => {
    if (!await ask(`Delete run ${name}?`, 'Its results, topics and state go for good. Live stays as it is.', 'Delete')) return null;
    await deleteRun(name);
    verified.delete(name);
    await look();
    return `Run ${name} is deleted.`;
  };

  const back = async () => {
    if (!await ask('Roll back?', 'What was served as live before the last promotion is served again.', 'Roll back')) return null;
    const table = await rollback();
    await look();
    return table.entries.length ? `${table.entries[0].run} is served as live again.` : 'Live’s own results are served again.';
  };

  function card(run) {
    const isServed = served.entries.some(entry => entry.run === run.run);
    const share = run.total > 0 ? run.done / run.total : 1;
    const settings = Object.entries(run.settings);
    return h('article', { class: 'card run-card', 'aria-label': `Run ${run.run}`, 'data-key': run.run },
      h('header', null, h('h3', null, run.run), h('span', { class: `badge ${run.state.toLowerCase()}` }, STATES[run.state]), isServed && h('span', { class: 'badge decided' }, 'Served as live')),
      h('progress', { max: 1, value: share, 'aria-label': `Progress of ${run.run}` }),
      h('p', { class: 'facts' }, `${count(run.done)} of ${count(run.total)} records of ${run.topic} (${percent(share)})`,
        run.state === 'RUNNING' && run.recordsPerSecond > 0 && h('span', null, `${number(+run.recordsPerSecond.toPrecision(2))} a second`),
        run.state === 'RUNNING' && run.secondsLeft !== undefined && h('span', null, `${milliseconds(1000 * run.secondsLeft)} left`),
        run.deadLettered > 0 && h('span', { class: 'bad' }, `${count(run.deadLettered)} dead letter${run.deadLettered === 1 ? '' : 's'}`)),
      h('p', { class: 'facts' }, h('span', null, `from ${run.from ?? 'the oldest'} to ${run.to ?? 'the newest of then'}`), h('span', null, 'made ', timeOf(run.created))),
      settings.length > 0 && h('ul', { class: 'notes', 'aria-label': 'Settings of its own' }, settings.map(([name, value]) => h('li', null, `${name}=${value}`))),
      run.error && h('p', { class: 'problem' }, run.error),
      h('div', { class: 'actions' },
        run.state === 'RUNNING' && operate(context, 'Pause', () => act(run.run, 'pause', `Run ${run.run} is paused.`), { 'data-key': 'pause' }),
        (run.state === 'PAUSED' || run.state === 'FAILED') && operate(context, 'Go on', () => act(run.run, 'resume', `Run ${run.run} goes on.`), { 'data-key': 'resume' }),
        run.state === 'DONE' && [
          operate(context, verified.get(run.run) === null ? 'Verifying…' : 'Verify', () => verify(run.run), { 'data-key': 'verify' }),
          !isServed && operate(context, 'Promote', () => promote(run), { 'data-key': 'promote', class: 'primary' })],
        h('button', { type: 'button', 'data-key': 'compare', onclick: () => compare.show(run.run) }, 'Compare'),
        h('a', { class: 'button', 'data-key': 'see', href: `?run=${encodeURIComponent(run.run)}#/` }, 'See its results'),
        run.state !== 'RUNNING' && !isServed && operate(context, 'Delete', () => remove(run.run), { 'data-key': 'delete', class: 'danger' })),
      verified.get(run.run) && verification(verified.get(run.run)));
  }

  look();
  return {
    draw() {
      patch(list,
        h('section', { class: 'card serving', 'aria-labelledby': 'serving-title' },
          h('h2', { id: 'serving-title' }, 'Served as live'),
          served && (served.entries.length === 0
            ? h('p', null, 'Live’s own results.')
            : h('ul', null, served.entries.map(entry => h('li', { 'data-key': entry.promotion },
              h('strong', null, entry.run), ` for ${entry.keys ? entry.keys.join(', ') : 'every key'} of ${entry.topic}, since `, timeOf(entry.at))))),
          served?.rollbacks > 0 && operate(context, 'Roll back', back)),
        problem && h('div', { class: 'empty' }, h('p', null, problem)),
        known && (known.length === 0
          ? empty('No run yet. A replay reads a part of a topic again, apart from live, with other settings if you like. Fill in the form, or:',
            'infra/streams replay --topic sensor.signals --run check')
          : known.map(card)));
      compare.draw(known ?? []);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

const isEqual = ({ topics }) => topics.every(({ different, missing, extra }) => different + missing + extra === 0);

function verification(result) {
  return h('section', { class: 'verification', 'aria-label': `Run ${result.run} held against live` },
    h('p', { class: isEqual(result) ? 'good' : 'bad' }, isEqual(result) ? 'Equal to live, id by id.' : 'Different from live.'),
    table('By topic', ['Results', 'Equal', 'Different', 'Missing in the run', 'Only in the run'], result.topics.map(topic => h('tr', { 'data-key': topic.topic },
      h('th', { scope: 'row' }, topic.topic), [topic.equal, topic.different, topic.missing, topic.extra].map(n => h('td', null, count(n)))))),
    result.differences.length > 0 && h('details', null, h('summary', null, `The first ${count(result.differences.length)} differences`),
      result.differences.map(each => h('div', { class: 'difference', 'data-key': `${each.topic}/${each.source}` },
        h('p', null, `${each.topic} ${each.source} ${each.key}`),
        h('pre', null, `live ${JSON.stringify(each.live) ?? '(none)'}`), h('pre', null, `run  ${JSON.stringify(each.inRun) ?? '(none)'}`)))));
}

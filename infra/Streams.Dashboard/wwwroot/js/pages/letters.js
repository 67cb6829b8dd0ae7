import { h, count, table, timeOf } from '../dom.js';
import { patch } from '../patch.js';
import { letter, letters as list, settleLetters } from '../api.js';
import { ask } from '../ask.js';
import { operate } from '../operate.js';

const SOURCES = ['video.frames', 'sensor.signals', 'label.samples'];
const STATUSES = [['pending', 'Pending'], ['redriven', 'Sent again'], ['purged', 'Given up'], ['all', 'All']];
const SHOWN = 100;
const LOOK_EVERY = 5000;

export const letters = { title: 'Dead letters', open };

const nameOf = each => `${each.topic}/${each.partition}/${each.offset}`;

function open(root, context, opened) {
  const filter = { topic: '', status: 'pending', reason: '' };
  let found = null;
  let problem = null;
  let shown = null;
  let timer;
  let closed = false;
  let turn = 0;

  async function look() {
    clearTimeout(timer);
    const of = ++turn;
    if (!document.hidden) {
      try {
        const answer = await list({ ...filter, run: context.run, limit: SHOWN });
        if (of !== turn) return;
        found = answer;
        problem = null;
      } catch (error) {
        if (of !== turn) return;
        problem = error.message;
      }
      context.draw();
    }
    if (!closed) timer = setTimeout(look, LOOK_EVERY);
  }

  async function read(which) {
    try {
      shown = await letter({ ...which, run: context.run });
    } catch (error) {
      shown = null;
      context.complain(error.message);
    }
    context.draw();
    requestAnimationFrame(() => root.querySelector('.letter h2')?.focus());
  }

  const change = (name, value) => { filter[name] = value; look(); };

  async function settle(action, which, words) {
    const outcome = await settleLetters(action, { ...which, run: context.run });
    if (shown) await read(shown);
    await look();
    const refused = outcome.refused.length ? ` ${count(outcome.refused.length)} stay pending: ${outcome.refused[0].reason}.` : '';
    return `${count(outcome.letters)} letter${outcome.letters === 1 ? '' : 's'} ${words}.${refused}`;
  }

  const one = each => ({ topic: each.topic, partition: each.partition, offset: each.offset });

  const redrive = each => settle('redrive', one(each), 'sent again');

  const giveUp = async each => await ask('Give this record up?', `${nameOf(each)} is never sent again. The letter stays readable until its topic’s retention ends.`, 'Give up')
    ? settle('purge', one(each), 'given up') : null;

  const redriveAll = async () => await ask(`Send letters of ${filter.topic} again?`,
    `All that are pending${filter.reason ? ` and whose reason contains “${filter.reason}”` : ''} go back to their topic, each once. Mend what refused them first.`, 'Send again')
    ? settle('redrive', { topic: filter.topic, reason: filter.reason }, 'sent again') : null;

  const select = (label, name, options) => h('label', null, `${label} `, h('select', { onchange: event => change(name, event.target.value) },
    options.map(([value, text]) => h('option', { value, selected: value === filter[name] }, text))));

  function filters() {
    const pending = found?.counts.pending ?? 0;
    return h('div', { class: 'filters', role: 'search', 'aria-label': 'Choose letters' },
      select('Topic', 'topic', [['', 'All topics'], ...SOURCES.map(topic => [topic, topic])]),
      select('Status', 'status', STATUSES),
      h('label', null, 'Reason contains ', h('input', { type: 'search', onchange: event => change('reason', event.target.value) })),
      filter.topic && filter.status === 'pending' && pending > 0 && context.run === 'live' && operate(context, 'Send these again', redriveAll));
  }

  function rows() {
    if (problem) return h('div', { class: 'empty' }, h('p', null, problem));
    if (!found) return h('p', { class: 'empty' }, 'Reading the dead-letter topics…');
    if (found.letters.length === 0) {
      return h('div', { class: 'empty' }, h('p', null, filter.status === 'pending' && !filter.topic && !filter.reason
        ? 'Nothing here: every record could be used, or its letter is settled. Choose “All” to see those that are.'
        : 'No letter is meant by these choices. Choose another status or topic.'));
    }
    return table('Table of dead letters', ['Record', 'Published', 'Key', 'Error', 'Reason', 'Tries', 'Status', h('span', { class: 'visually-hidden' }, 'What to do')], found.letters.map(each => h('tr', {
      'data-key': `${nameOf(each)}/${each.time}`, class: shown && nameOf(shown) === nameOf(each) ? 'chosen' : null,
    },
    h('th', { scope: 'row' }, h('button', { type: 'button', class: 'plain', 'aria-label': `Read ${nameOf(each)}`, onclick: () => read(each) }, nameOf(each))),
    h('td', { class: 'at' }, timeOf(each.time)),
    h('td', null, each.key ?? (each.keyBase64 ? 'bytes' : 'none')),
    h('td', null, each.exception),
    h('td', { class: 'reason' }, each.reason),
    h('td', null, count(each.attempts)),
    h('td', null, h('span', { class: `badge ${each.status}` }, each.status)),
    h('td', { class: 'do' }, each.status === 'pending' && context.run === 'live' && operate(context, 'Redrive', () => redrive(each), { 'aria-label': `Redrive ${nameOf(each)}` })))), { class: 'letters' });
  }

  function whole() {
    if (!shown) return null;
    const field = (name, value) => value !== undefined && value !== null && h('div', null, h('dt', null, name), h('dd', null, value));
    return h('section', { class: 'card letter', 'aria-labelledby': 'letter-title' },
      h('header', null, h('h2', { id: 'letter-title', tabindex: -1 }, nameOf(shown)), h('span', { class: `badge ${shown.status}` }, shown.status)),
      h('dl', { class: 'pairs' },
        field('Published', timeOf(shown.time)), field('Refused', shown.deadLetteredAt && timeOf(shown.deadLetteredAt)), field('Key', shown.key), field('Error', shown.exception),
        field('Tries', count(shown.attempts)), field('First origin', shown.firstOrigin), field('Bytes', count(shown.valueBytes)), field('Settled', shown.doneAt && timeOf(shown.doneAt))),
      h('h3', null, 'Reason'), h('p', { class: 'problem' }, shown.reason),
      h('h3', null, 'Value'), h('pre', { tabindex: 0, 'aria-label': 'The value of the record' }, shown.text),
      h('details', null, h('summary', null, `${count(shown.headers.length)} headers`), h('dl', { class: 'pairs' }, shown.headers.map(header => field(header.name, header.value ?? header.valueBase64 ?? '')))),
      h('div', { class: 'actions' },
        shown.status === 'pending' && context.run === 'live' && operate(context, 'Redrive', () => redrive(shown), { 'data-key': 'redrive', class: 'primary' }),
        shown.status === 'pending' && operate(context, 'Give up', () => giveUp(shown), { 'data-key': 'purge', class: 'danger' }),
        h('button', { type: 'button', 'data-key': 'close', onclick: () => { shown = null; context.draw(); } }, 'Close')));
  }

  look();
  if (opened.length === 3) read({ topic: opened[0], partition: opened[1], offset: opened[2] });
  return {
    draw() {
      patch(root,
        h('p', { class: 'lead' }, 'Records that could not be used, kept as they were with the reason. Mend what refused them, then send them again. ',
          found && h('span', { role: 'status' }, `${count(found.counts.pending)} pending, ${count(found.counts.redriven)} sent again, ${count(found.counts.purged)} given up.`)),
        context.run !== 'live' && h('p', { class: 'note' }, 'Letters of a replay cannot be sent again, since its bounds are frozen: mend the cause, then replay under another name.'),
        filters(), rows(), whole());
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

import { h } from './dom.js';

const SOURCES = { 'sensor.signals': 'Sensor signals', 'video.frames': 'Video frames', 'label.samples': 'Label samples' };

const field = (label, input, hint) => {
  const id = `replay-${input.name}`;
  input.id = id;
  input.setAttribute('aria-describedby', `${id}-hint`);
  return h('div', { class: 'field' }, h('label', { for: id }, label), input, h('p', { id: `${id}-hint`, class: 'hint' }, hint));
};

/** Lines of NAME=VALUE; a line without an equals sign is told by its number. */
function settingsOf(text) {
  const settings = {};
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const at = line.indexOf('=');
    if (at < 1) throw new Error(`Settings, line ${i + 1}: '${line.trim()}' is no NAME=VALUE, such as Streams:GraphFilter:WindowRows=60`);
    settings[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  });
  return Object.keys(settings).length ? settings : null;
}

const numberOf = text => (text === '' ? null : Number(text));

/** The form that starts a replay. <c>start</c> gets the request and gives what to say when it is under way. */
export function replayForm(context, start) {
  const form = h('form', { class: 'card replay', 'aria-labelledby': 'replay-title' },
    h('h2', { id: 'replay-title' }, 'Start a replay'),
    field('Name', h('input', { name: 'run', required: true, pattern: '[a-z0-9][a-z0-9\\-]{0,39}', maxlength: 40, autocomplete: 'off' }), 'Lower-case letters, digits and hyphens. An unfinished run of that name goes on.'),
    field('Topic', h('select', { name: 'topic' }, Object.entries(SOURCES).map(([topic, title]) => h('option', { value: topic }, `${title} (${topic})`))), 'It is read again from Kafka; live is not touched.'),
    field('From', h('input', { name: 'from', autocomplete: 'off', placeholder: '2026-01-01T00:00:00Z' }), 'A time of publication or an offset. Empty: the oldest record.'),
    field('To', h('input', { name: 'to', autocomplete: 'off', placeholder: '2026-02-01T00:00:00Z' }), 'The same, exclusive. Empty: the newest record of now.'),
    h('details', null, h('summary', null, 'Settings and limits'),
      field('Settings of its own', h('textarea', { name: 'settings', rows: 3, spellcheck: 'false', placeholder: 'Streams:GraphFilter:WindowRows=60' }), 'One NAME=VALUE a line, of Captioning, GraphFilter or ModeEstimation.'),
      field('Records a second', h('input', { name: 'rate', type: 'number', min: 1, step: 'any', inputmode: 'decimal' }), 'At most. Empty: as fast as live leaves room for.'),
      field('Share of the captioner', h('input', { name: 'share', type: 'number', min: 0.01, max: 1, step: 0.01, inputmode: 'decimal' }), 'Above 0 and at most 1.')),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, 'Start')),
    h('p', { class: 'problem', role: 'alert' }));
  const problem = form.querySelector('.problem');
  form.onsubmit = async event => {
    event.preventDefault();
    problem.textContent = '';
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      if (!context.mayOperate()) throw new Error('Starting a replay needs an operator’s key: sign out, and in again with one.');
      const values = new FormData(form);
      const text = name => values.get(name).trim();
      const limits = { recordsPerSecond: numberOf(text('rate')), captionerShare: numberOf(text('share')) };
      context.announce(await start({
        run: text('run'), topic: text('topic'), from: text('from') || null, to: text('to') || null, settings: settingsOf(values.get('settings')), limits,
      }), true);
      form.elements.run.value = '';
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  };
  return form;
}

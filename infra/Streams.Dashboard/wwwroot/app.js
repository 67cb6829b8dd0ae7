import { follow, runs, snapshot, status } from './js/api.js';
import { renderAccuracy } from './js/accuracy.js';
import { renderCaptions } from './js/captions.js';
import { h } from './js/dom.js';
import { renderGraphs } from './js/graphs.js';
import { renderModes } from './js/modes.js';
import { Newest } from './js/order.js';
import { FilledIn, renderSensors } from './js/sensors.js';
import { renderComponents, renderTotals } from './js/totals.js';

const STATUS_EVERY = 2000;
const byId = id => document.getElementById(id);
const part = id => [byId(id).querySelector('.body'), byId(id).querySelector('.count')];

const captions = new Newest(5);
const graphs = new Newest(1);
const queries = new Newest(1);
const modes = new Newest(1);
const filled = new FilledIn();

const sections = {
  captions: () => renderCaptions(...part('captions'), captions),
  modes: () => renderModes(...part('modes'), queries, modes),
  graphs: () => renderGraphs(...part('graphs'), graphs, network => filled.sensorsOf(network)),
  sensors: () => renderSensors(...part('sensors'), filled),
};

let run = new URLSearchParams(location.search).get('run') ?? 'live';
let stop = () => {};

// Results come faster than a screen can show: sections are drawn once a frame, and only those that changed.
const dirty = new Set();
let drawing = false;
function draw(...names) {
  names.forEach(name => dirty.add(name));
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    for (const name of dirty) sections[name]();
    dirty.clear();
  });
}

function accept(result) {
  switch (result.topic) {
    case 'video.captions': if (captions.add(result)) draw('captions'); break;
    case 'sensor.graphs': if (graphs.add(result)) draw('graphs'); break;
    case 'sensor.imputed': filled.add(result); draw('sensors'); break;
    case 'label.queries': if (queries.add(result)) draw('modes'); break;
    case 'label.modes':
      if (modes.add(result)) {
        draw('modes');
        byId('announce').textContent = `Task ${result.key}: ${result.data.status.toLowerCase()} ${result.data.mode ?? ''}`;
      }
      break;
  }
}

const STATES = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost, trying again', behind: 'No answer from Redis, trying again' };

// The event stream stays open when the server is there and Redis is not; the status tells.
let stream = 'connecting';
let answers = true;

function connection(change) {
  ({ stream, answers } = { stream, answers, ...change });
  const state = stream === 'live' && !answers ? 'behind' : stream;
  const element = byId('connection');
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  element.textContent = STATES[state];
}

function clear() {
  for (const store of [captions, graphs, queries, modes, filled]) store.clear();
  draw('captions', 'modes', 'graphs', 'sensors');
}

// After a promotion or a rollback what is shown is replaced, and so is what is still on its way.
let promotions = 0;

async function reload(replaced = false) {
  if (replaced) {
    promotions++;
    clear();
  }
  const [of, after] = [run, promotions];
  try {
    const results = await snapshot(of);
    if (of === run && after === promotions) results.forEach(accept);
  } catch (error) {
    byId('announce').textContent = error.message;
  }
}

async function refresh() {
  try {
    const [names, now] = await Promise.all([runs(), status(run)]);
    connection({ answers: true });
    const choices = [...new Set(['live', run, ...names])];
    const select = byId('run');
    if (choices.join('\n') !== [...select.options].map(o => o.value).join('\n')) {
      select.replaceChildren(...choices.map(name => h('option', { value: name, selected: name === run }, name)));
    }
    if (now.run !== run) return;
    renderTotals(byId('totals'), now);
    renderAccuracy(byId('accuracy'), now);
    renderComponents(byId('components'), now);
  } catch {
    connection({ answers: false });
  }
}

function show(name) {
  stop();
  run = name;
  clear();
  connection({ stream: 'connecting' });
  stop = follow(run, { onResult: accept, onReload: reload, onState: state => connection({ stream: state }) });
  refresh();
}

byId('run').addEventListener('change', event => {
  const name = event.target.value;
  history.replaceState(null, '', name === 'live' ? location.pathname : `?run=${encodeURIComponent(name)}`);
  show(name);
});
setInterval(() => { if (!document.hidden) refresh(); }, STATUS_EVERY);
show(run);

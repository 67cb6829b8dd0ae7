import { follow, me, runNames, signOut, snapshot, status } from './js/api.js';
import { h } from './js/dom.js';
import { patch } from './js/patch.js';
import { Store } from './js/store.js';
import { renderComponents } from './js/totals.js';
import { cameras } from './js/pages/cameras.js';
import { letters } from './js/pages/letters.js';
import { networks } from './js/pages/networks.js';
import { overview } from './js/pages/overview.js';
import { runs } from './js/pages/runs.js';
import { tasks } from './js/pages/tasks.js';

const STATUS_EVERY = 2000;
const RELOAD_AFTER = 3000;
const NOTICE_STAYS = 8000;
const PAGES = { '': overview, cameras, networks, tasks, runs, 'dead-letters': letters };
const TITLE = document.title;

const byId = id => document.getElementById(id);
const store = new Store();
let caller = null;
let run = new URLSearchParams(location.search).get('run') ?? 'live';
let stop = () => {};

// What is on the screen: the page's name, what it was opened with, and what its open() gave back.
let shown = null;

const context = {
  store,
  get run() { return run; },
  mayOperate: () => caller?.role === 'OPERATOR',
  draw,
  go: (...path) => { location.hash = address(...path); },
  address,
  announce,
  complain: text => notice(text, 'bad'),
  /** Asks for the status now instead of in a moment. */
  refresh,
};

function address(...path) {
  return `#/${path.map(encodeURIComponent).join('/')}`;
}

function announce(text, visibly = false) {
  byId('announce').textContent = text;
  if (visibly) notice(text, 'good');
}

let noticed;
function notice(text, kind) {
  clearTimeout(noticed);
  const close = () => patch(byId('notice'));
  patch(byId('notice'), h('p', { class: `notice ${kind}` }, text, h('button', { type: 'button', class: 'close', 'aria-label': 'Close this message', onclick: close }, '×')));
  if (kind === 'good') noticed = setTimeout(close, NOTICE_STAYS);
}

// Results come faster than a screen can show: a page is drawn once a frame.
let drawing = false;
function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    shown?.page.draw();
  });
}

function route() {
  const path = location.hash.replace(/^#\/?/, '').split('/').filter(Boolean);
  let parts;
  try {
    parts = path.map(decodeURIComponent);
  } catch {
    parts = [];
  }
  const [name = '', ...rest] = parts;
  const page = PAGES[name];
  shown?.page.close?.();
  patch(byId('page'));
  patch(byId('notice'));
  if (!page) {
    byId('page-title').textContent = 'No such page';
    shown = null;
    patch(byId('page'), h('div', { class: 'empty' }, h('p', null, `There is no page “${name}”. `, h('a', { href: '#/' }, 'Go to the overview.'))));
    return;
  }
  const isFirst = shown === null;
  shown = { name, page: page.open(byId('page'), context, rest) };
  byId('page-title').textContent = rest[0] ? `${page.title}: ${rest[0]}` : page.title;
  document.title = name ? `${page.title} · ${TITLE}` : TITLE;
  navigation();
  shown.page.draw();
  // Who reads by ear or goes by keyboard is taken along; at the first page the browser begins at its top anyway.
  if (!isFirst) {
    byId('main').focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

function navigation() {
  patch(byId('pages'), Object.entries(PAGES).map(([name, { title }]) =>
    h('a', { href: address(...(name ? [name] : [])), 'aria-current': shown?.name === name ? 'page' : null }, title)));
}

function accept(result) {
  if (!store.add(result)) return;
  shown?.page.take?.(result);
  if (result.topic === 'label.modes') announce(`Task ${result.key}: ${result.data.status.toLowerCase()} ${result.data.mode ?? ''}`);
  draw();
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

// After a promotion or a rollback what is shown is replaced, and so is what is still on its way.
let promotions = 0;
let reloads;

async function reload(replaced = false) {
  if (replaced) {
    promotions++;
    store.clear();
    shown?.page.reload?.();
    draw();
  }
  clearTimeout(reloads);
  const [of, after] = [run, promotions];
  try {
    const results = await snapshot(of);
    if (of !== run || after !== promotions) return;
    results.forEach(result => store.add(result));
    draw();
  } catch (error) {
    // A replay has no results at first; else it passes, or the status tells as well.
    if (error.status !== 404) context.complain(error.message);
    if (of === run && after === promotions) reloads = setTimeout(() => reload(), RELOAD_AFTER);
  }
}

async function offerRuns() {
  const choices = [...new Set(['live', run, ...await runNames()])];
  patch(byId('run'), choices.map(name => h('option', { value: name, selected: name === run }, name)));
  if (byId('run') !== document.activeElement) byId('run').value = run;
}

let refreshing = false;

async function refresh() {
  // A server that is slow is not asked twice.
  if (refreshing) return;
  refreshing = true;
  try {
    const now = await status(run);
    // Without counts it is the status that says what is wrong with Redis.
    connection({ answers: Boolean(now.counts) });
    if (now.run === run) {
      store.look(now);
      renderComponents(byId('components'), now);
      draw();
    }
    if (now.counts) await offerRuns();
  } catch {
    connection({ answers: false });
  } finally {
    refreshing = false;
  }
}

function show(name) {
  stop();
  clearTimeout(reloads);
  run = name;
  store.clear();
  connection({ stream: 'connecting' });
  stop = follow(run, { onResult: accept, onReload: reload, onState: state => connection({ stream: state }) });
  refresh();
}

async function account() {
  caller = await me().catch(() => null);
  // Where nobody is asked who they are there is nothing to sign out of.
  patch(byId('account'), caller && caller.via !== 'open' && [
    h('span', { title: caller.role === 'OPERATOR' ? 'May also start, promote, redrive and stop' : 'May read everything' }, `${caller.name} (${(caller.role ?? 'nothing').toLowerCase()})`),
    h('button', { type: 'button', onclick: async () => { await signOut(); location.reload(); } }, 'Sign out')]);
  draw();
}

byId('run').addEventListener('change', event => {
  const name = event.target.value;
  history.replaceState(null, '', (name === 'live' ? location.pathname : `?run=${encodeURIComponent(name)}`) + location.hash);
  show(name);
  route();
});
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault();
  byId('main').focus();
});
addEventListener('hashchange', route);
setInterval(() => { if (!document.hidden) refresh(); }, STATUS_EVERY);
account();
route();
show(run);

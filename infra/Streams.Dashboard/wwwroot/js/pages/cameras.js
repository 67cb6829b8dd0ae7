import { h, count, percent, timeOf, empty } from '../dom.js';
import { patch } from '../patch.js';
import { history } from '../api.js';
import { compare } from '../order.js';
import { accuracyOf, accuracyOfAll } from '../accuracy.js';
import { facts, picture, settled, tiles } from '../captions.js';

const TOPIC = 'video.captions';
const PAGE = 100;

export const cameras = {
  title: 'Cameras',
  open: (root, context, [camera]) => (camera ? one(root, context, camera) : all(root, context)),
};

function all(root, context) {
  return {
    draw() {
      const { body } = tiles(context.store, context);
      patch(root, accuracyOfAll(context.store.status), h('h2', { class: 'visually-hidden' }, 'The newest caption of each'), body);
    },
  };
}

/** A camera's captions back in time. The newest is shown as it comes, until somebody goes back. */
function one(root, context, camera) {
  let results = [];
  let chosen = null;
  let before;
  let problem = null;
  let loading = true;
  const known = new Set();

  // Oldest first, each once.
  function add(more) {
    for (const result of more) {
      if (known.has(result.id)) continue;
      known.add(result.id);
      results.push(result);
    }
    results = settled(results.sort(compare));
  }

  async function load() {
    loading = true;
    try {
      const page = await history(TOPIC, context.run, camera, { limit: PAGE, before });
      before = page.before;
      add(page.results);
      problem = null;
    } catch (error) {
      problem = error.message;
    }
    loading = false;
    context.draw();
  }

  const place = () => (chosen === null ? results.length - 1 : Math.max(0, results.findIndex(result => result.id === chosen)));
  function choose(at) {
    const bounded = Math.min(Math.max(at, 0), results.length - 1);
    chosen = bounded === results.length - 1 ? null : results[bounded].id;
    draw();
  }

  function draw() {
    const at = place();
    const result = results[at];
    patch(root,
      h('p', { class: 'back' }, h('a', { href: context.address('cameras') }, 'All cameras')),
      problem && h('div', { class: 'empty' }, h('p', null, problem)),
      !result && !problem && (loading ? h('p', { class: 'empty' }, 'Loading the captions…') : empty('This camera has no captions in this run.', `infra/streams publish video --camera ${camera} --source clip.mp4`)),
      result && h('div', { class: 'player' },
        h('article', { class: 'card camera', 'aria-label': `Camera ${camera}` },
          h('div', { class: 'frame large' }, picture(result.data)),
          h('div', { class: 'caption' },
            h('p', { class: 'text', 'aria-live': 'off' }, result.data.text), facts(result),
            h('p', { class: 'span' }, 'Clip from ', timeOf(result.data.start), ' to ', timeOf(result.data.end), ` · model ${result.data.model}`)),
          h('div', { class: 'scrub' },
            h('button', { type: 'button', 'aria-label': 'Caption before', 'aria-disabled': at === 0 ? 'true' : null, onclick: () => choose(place() - 1) }, '◀'),
            h('input', {
              type: 'range', min: 0, max: results.length - 1, value: at, 'aria-label': 'Back in time',
              'aria-valuetext': `${result.time.slice(0, 19).replace('T', ' ')}: ${result.data.text}`, oninput: event => choose(+event.target.value),
            }),
            h('button', { type: 'button', 'aria-label': 'Caption after', 'aria-disabled': chosen === null ? 'true' : null, onclick: () => choose(place() + 1) }, '▶'),
            h('button', { type: 'button', 'aria-pressed': String(chosen === null), onclick: () => choose(results.length - 1) }, 'Newest'))),
        h('section', { class: 'card list', 'aria-labelledby': 'history-title' },
          h('h2', { id: 'history-title' }, `${count(results.length)} captions`),
          h('ol', { class: 'history' }, [...results].reverse().map(each => h('li', { 'data-key': each.id },
            h('button', { type: 'button', 'aria-current': each === result ? 'true' : null, onclick: () => choose(results.indexOf(each)) },
              timeOf(each.time), h('span', { class: 'said' }, each.data.text), h('span', { class: 'share' }, percent(each.data.confidence)))))),
          before && h('button', { type: 'button', onclick: load }, 'Load older ones'))),
      accuracyOf(context.store.status, camera));
    // The slider follows what was chosen elsewhere, also while it has the focus.
    const slider = root.querySelector('input[type=range]');
    if (slider && +slider.value !== at) slider.value = at;
  }

  load();
  return {
    draw,
    take(result) {
      if (result.topic === TOPIC && result.key === camera) add([result]);
    },
    reload() {
      results = [];
      known.clear();
      chosen = null;
      before = undefined;
      load();
    },
  };
}

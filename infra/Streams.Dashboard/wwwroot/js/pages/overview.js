import { h } from '../dom.js';
import { patch } from '../patch.js';
import { tiles } from '../captions.js';
import { figures } from '../graphs.js';
import { taskCards } from '../modes.js';
import { machines, totals } from '../totals.js';

const section = (name, title, href, counter, children) => h('section', { id: name, 'aria-labelledby': `${name}-title` },
  h('div', { class: 'heading' }, h('h2', { id: `${name}-title` }, h('a', { href }, title)), h('p', { class: 'count' }, counter)), children);

export const overview = {
  title: 'Overview',
  open(root, context) {
    return {
      draw() {
        const { store } = context;
        const [cameras, tasks, graphs] = [tiles(store, context), taskCards(store, context), figures(store, context)];
        patch(root,
          h('section', { id: 'totals', 'aria-labelledby': 'totals-title' }, h('h2', { id: 'totals-title', class: 'visually-hidden' }, 'Source topics'), totals(store)),
          store.status && machines(store.status),
          section('captions', 'Cameras', context.address('cameras'), cameras.counter, cameras.body),
          section('modes', 'Labelling tasks', context.address('tasks'), tasks.counter, tasks.body),
          section('graphs', 'Sensor networks', context.address('networks'), graphs.counter, graphs.body));
      },
    };
  },
};

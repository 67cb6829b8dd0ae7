import { h } from './dom.js';

/** Asks before something that others will notice. Resolves to whether it shall be. */
export function ask(title, text, action) {
  const dialog = document.getElementById('ask');
  return new Promise(resolve => {
    const close = answer => { dialog.close(); resolve(answer); };
    dialog.replaceChildren(
      h('h2', { id: 'ask-title' }, title),
      h('p', null, text),
      h('div', { class: 'actions' },
        h('button', { type: 'button', class: 'primary', onclick: () => close(true) }, action),
        h('button', { type: 'button', autofocus: true, onclick: () => close(false) }, 'Leave it')));
    dialog.oncancel = () => resolve(false);
    dialog.showModal();
  });
}

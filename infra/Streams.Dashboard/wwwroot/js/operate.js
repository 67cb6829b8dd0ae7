import { h } from './dom.js';

/**
 * A button of an operator's. Who may only look sees it, and why it does nothing.
 * While it works it says so; what goes wrong is told under it in the server's own words.
 */
export function operate(context, label, act, attributes) {
  const allowed = context.mayOperate();
  return h('button', {
    type: 'button',
    'aria-disabled': allowed ? null : 'true',
    title: allowed ? null : 'Needs an operator’s key',
    ...attributes,
    onclick: async event => {
      const button = event.currentTarget;
      if (button.dataset.busy) return;
      if (!context.mayOperate()) {
        context.complain(`${label} needs an operator’s key: sign out, and in again with one.`);
        return;
      }
      button.dataset.busy = 'yes';
      try {
        const done = await act();
        if (done) context.announce(done, true);
      } catch (error) {
        context.complain(error.message);
      } finally {
        delete button.dataset.busy;
      }
    },
  }, label);
}

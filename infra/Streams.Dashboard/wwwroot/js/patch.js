// Draws anew without losing what people are doing: elements stay where the new ones are of the same kind, and with them the focus, what is
// scrolled, opened or typed. Children are told apart by their data-key, or else by their place; two of one data-version are the same all through.

const LISTENERS = ['onclick', 'onchange', 'oninput', 'onsubmit', 'onpointerenter', 'onpointerleave'];

/** Makes the children of an element those given. */
export function patch(parent, ...children) {
  const wanted = children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false)
    .map(child => (child instanceof Node ? child : document.createTextNode(String(child))));
  const keyed = new Map([...parent.children].filter(child => child.dataset?.key).map(child => [child.dataset.key, child]));
  let at = parent.firstChild;
  for (const next of wanted) {
    const key = next.dataset?.key;
    const old = key ? keyed.get(key) : at;
    if (!old || !isSame(old, next)) {
      parent.insertBefore(next, at);
      continue;
    }
    if (old === at) at = at.nextSibling;
    else parent.insertBefore(old, at);
    update(old, next);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const isSame = (a, b) => a.nodeName === b.nodeName && a.dataset?.key === b.dataset?.key;

function update(old, next) {
  if (old === next || (next.dataset?.version && next.dataset.version === old.dataset?.version)) return;
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // What is open is the reader's doing.
    if (!next.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value && !(name === 'open' && old.nodeName === 'DETAILS')) old.setAttribute(name, value);
  }
  for (const listener of LISTENERS) {
    if (old[listener] !== next[listener]) old[listener] = next[listener];
  }
  if (['INPUT', 'PROGRESS', 'METER'].includes(old.nodeName) && old !== document.activeElement && next.hasAttribute('value')) old.value = next.getAttribute('value');
  if (old.nodeName === 'SELECT' && old === document.activeElement) return;
  patch(old, ...next.childNodes);
  if (old.nodeName === 'SELECT') old.value = next.value;
}

// Small helpers. Everything that comes from data goes through text nodes and attributes, never through markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    // Listeners are properties, so that patch can hand them on.
    if (name.startsWith('on')) element[name] = value;
    else if (name === 'style') Object.entries(value).forEach(([property, v]) => element.style.setProperty(property, v));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const whole = new Intl.NumberFormat('en');

export const count = n => (n === null || n === undefined ? '–' : whole.format(n));

export const percent = (p, digits = 0) => `${(100 * p).toFixed(digits)} %`;

/** Few enough digits to read, enough to tell values apart. */
export const number = x => (x === 0 ? '0' : Math.abs(x) >= 1000 || Math.abs(x) < 0.001 ? x.toPrecision(3) : String(+x.toPrecision(4)));

/** A value and its standard deviation, to the digits that the deviation leaves meaning to. */
export function measured(value, sd) {
  const digits = sd > 0 ? Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(sd)))) : 2;
  return [value.toFixed(digits), sd.toFixed(digits)];
}

export function milliseconds(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${(ms / 60_000).toFixed(1)} min`;
  return ms < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${Math.round(ms / 86_400_000)} days`;
}

/** Event time: the time of day for today, the date as well for other days. */
export function when(iso) {
  const time = new Date(iso);
  const clock = time.toLocaleTimeString('en-GB');
  return time.toDateString() === new Date().toDateString() ? clock : `${time.toLocaleDateString('en-CA')} ${clock}`;
}

export const timeOf = iso => h('time', { datetime: iso, title: iso }, when(iso));

/** What to do when there is nothing to see. */
export const empty = (text, ...commands) =>
  h('div', { class: 'empty' }, h('p', null, text), commands.map(command => h('pre', null, h('code', null, command))));

export const fact = (name, value, title, attributes) => h('div', { ...attributes, title }, h('dt', null, name), h('dd', null, value));

/** A table with named columns; it scrolls inside its own region, which the keyboard reaches. */
export const table = (label, columns, rows, attributes) =>
  h('div', { class: 'scroll', role: 'region', 'aria-label': label, tabindex: 0 }, h('table', attributes,
    h('thead', null, h('tr', null, columns.map(column => h('th', { scope: 'col' }, column)))),
    h('tbody', null, rows)));

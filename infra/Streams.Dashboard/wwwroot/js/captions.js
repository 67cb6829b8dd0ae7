import { h, count, percent, timeOf, empty } from './dom.js';

const HISTORY = 4;

/** The thumbnail of a caption; its text is said elsewhere, so that readers by ear do not hear it twice. */
export function picture(caption) {
  return caption.thumbnail
    ? h('img', { src: `data:image/jpeg;base64,${caption.thumbnail}`, alt: `A frame of camera ${caption.camera}` })
    : h('div', { class: 'no-picture', role: 'img', 'aria-label': 'No picture' });
}

/** A provisional caption goes when the final one of the same clip is there. */
export const settled = results =>
  results.filter(({ data }) => !data.provisional || !results.some(other => !other.data.provisional && other.data.clip === data.clip));

export function facts({ time, data: { confidence, frames, model, provisional, unchanged } }) {
  return h('p', { class: 'facts' },
    h('meter', { min: 0, max: 1, low: 0.5, high: 0.8, optimum: 1, value: confidence, 'aria-label': 'Confidence' }),
    h('span', null, percent(confidence)),
    timeOf(time),
    h('span', { title: `Model ${model}` }, `${count(frames)} frames`),
    provisional && h('span', { title: 'The clip is not complete' }, 'so far'),
    unchanged && h('span', { title: 'Nothing has changed since the last caption' }, 'unchanged'));
}

function tile([camera, results], context) {
  const [newest, ...older] = settled(results);
  return h('article', { class: 'card camera', 'aria-label': `Camera ${camera}`, 'data-key': camera },
    h('div', { class: 'frame' }, picture(newest.data), h('h3', null, h('a', { href: context.address('cameras', camera) }, camera))),
    h('div', { class: 'caption' }, h('p', { class: 'text' }, newest.data.text), facts(newest)),
    older.length > 0 && h('ol', { class: 'older', 'aria-label': 'Before that' }, older.slice(0, HISTORY).map(result =>
      h('li', { 'data-key': result.id }, timeOf(result.time), h('span', null, result.data.text), h('span', { class: 'share' }, percent(result.data.confidence))))));
}

export function tiles(store, context) {
  const cameras = store.captions.entries();
  return {
    counter: cameras.length ? `${count(cameras.length)} camera${cameras.length > 1 ? 's' : ''}` : '',
    body: h('div', { class: 'cameras' }, cameras.length
      ? cameras.map(entry => tile(entry, context))
      : empty('No captions yet. Publish a video file or a camera’s stream:', 'infra/streams publish video --camera gate --source clip.mp4')),
  };
}

import { h, count, percent, timeOf, empty } from './dom.js';

const HISTORY = 4;

function picture(caption) {
  return caption.thumbnail
    ? h('img', { src: `data:image/jpeg;base64,${caption.thumbnail}`, alt: `Camera ${caption.camera}: ${caption.text}` })
    : h('div', { class: 'no-picture', role: 'img', 'aria-label': 'No picture' });
}

// A provisional caption goes when the final one of the same clip is there.
const settled = results => results.filter(({ data }) => !data.provisional || !results.some(other => !other.data.provisional && other.data.clip === data.clip));

function tile([camera, results]) {
  const [newest, ...older] = settled(results);
  const { text, confidence, frames, model, provisional, unchanged } = newest.data;
  return h('article', { class: 'card camera', 'aria-label': `Camera ${camera}` },
    h('div', { class: 'frame' }, picture(newest.data), h('h3', null, camera)),
    h('div', { class: 'caption' },
      h('p', { class: 'text' }, text),
      h('p', { class: 'facts' },
        h('meter', { min: 0, max: 1, low: 0.5, high: 0.8, optimum: 1, value: confidence, 'aria-label': 'Confidence' }),
        h('span', null, percent(confidence)),
        timeOf(newest.time),
        h('span', { title: `Model ${model}` }, `${count(frames)} frames`),
        provisional && h('span', { title: 'The clip is not complete' }, 'so far'),
        unchanged && h('span', { title: 'Nothing has changed since the last caption' }, 'unchanged'))),
    older.length > 0 && h('ol', { class: 'older', 'aria-label': 'Before that' }, older.slice(0, HISTORY).map(result =>
      h('li', null, timeOf(result.time), h('span', null, result.data.text), h('span', { class: 'share' }, percent(result.data.confidence))))));
}

export function renderCaptions(body, counter, captions) {
  const cameras = captions.entries();
  counter.textContent = cameras.length ? `${count(cameras.length)} camera${cameras.length > 1 ? 's' : ''}` : '';
  body.className = 'body cameras';
  body.replaceChildren(...(cameras.length
    ? cameras.map(tile)
    : [empty('No captions yet. Publish a video file or a camera’s stream:', 'infra/streams publish video --camera gate --source clip.mp4')]));
}

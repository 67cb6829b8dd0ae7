// What is known of the run that is shown: filled by snapshots and by what comes, read by the pages.

import { Newest } from './order.js';
import { FilledIn } from './filled.js';

export class Store {
  captions = new Newest(5);
  graphs = new Newest(2);
  queries = new Newest(1);
  modes = new Newest(1);
  filled = new FilledIn();
  status = null;
  /** Records in a second by topic, from one look at the status to the next. */
  rates = new Map();

  clear() {
    for (const part of [this.captions, this.graphs, this.queries, this.modes, this.filled]) part.clear();
    this.rates.clear();
    this.status = null;
  }

  /** True when it was new. */
  add(result) {
    switch (result.topic) {
      case 'video.captions': return this.captions.add(result);
      case 'sensor.graphs': return this.graphs.add(result);
      case 'sensor.imputed': return this.filled.add(result);
      case 'label.queries': return this.queries.add(result);
      case 'label.modes': return this.modes.add(result);
      default: return false;
    }
  }

  look(status) {
    const now = performance.now();
    for (const { topic, recordsIn } of status.pipeline.topics) {
      const before = this.rates.get(topic);
      // A host that began anew counts from nothing.
      const rate = before && recordsIn >= before.count ? ((recordsIn - before.count) * 1000) / (now - before.at) : null;
      const past = before ? [...before.past, ...(rate === null ? [] : [rate])].slice(-60) : [];
      this.rates.set(topic, { at: now, count: recordsIn, rate, past });
    }
    this.status = status;
  }
}

const KEEP = 240;

/** Filled-in readings by network and sensor: of each time the version that came last. */
export class FilledIn {
  constructor() {
    this.networks = new Map();
  }

  clear() {
    this.networks.clear();
  }

  add(result) {
    const { network, units, values, version = 1, rows } = result.data;
    let known = this.networks.get(network);
    if (!known) this.networks.set(network, known = { units, sensors: new Map(), ids: new Set() });
    if (known.ids.has(result.id)) return false;
    known.ids.add(result.id);
    if (known.ids.size > 4 * KEEP) known.ids.delete(known.ids.values().next().value);
    known.units = units ?? known.units;
    // Rows that are given out again replace what was said of them.
    for (const time of rows ?? []) {
      for (const points of known.sensors.values()) if ((points.get(time)?.version ?? version) < version) points.delete(time);
    }
    for (const { time, sensor, value, standardDeviation } of values) {
      let points = known.sensors.get(sensor);
      if (!points) known.sensors.set(sensor, points = new Map());
      if ((points.get(time)?.version ?? 0) > version) continue;
      points.set(time, { time, at: Date.parse(time), value, sd: standardDeviation, version });
      if (points.size > 2 * KEEP) {
        known.sensors.set(sensor, new Map([...points].sort(([a], [b]) => (a < b ? -1 : 1)).slice(-KEEP)));
      }
    }
    return true;
  }

  sensorsOf(network) {
    return this.networks.get(network)?.sensors ?? new Map();
  }

  /** A sensor's filled-in readings, oldest first. */
  pointsOf(network, sensor) {
    return [...(this.sensorsOf(network).get(sensor)?.values() ?? [])].sort((a, b) => a.at - b.at);
  }
}

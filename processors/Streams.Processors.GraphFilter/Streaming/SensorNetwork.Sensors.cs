namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Sensors that join, leave and are renamed.</summary>
internal sealed partial class SensorNetwork
{
    /// <summary>Names the columns of the rows to come. Sensors without a column rest; after <see cref="GraphFilterOptions.WindowRows"/> rows without a reading they are forgotten.</summary>
    public SensorTrack[] Attend(IReadOnlyList<string> sensors)
    {
        var columns = new SensorTrack[sensors.Count];
        foreach (var track in Tracks)
        {
            track.Present = false;
        }

        foreach (var sensor in sensors)
        {
            // Both names in one record are two sensors: the former one is used again.
            if (Renamed.TryGetValue(sensor, out var now) && sensors.Contains(now))
            {
                Renamed.Remove(sensor);
            }
        }

        for (var i = 0; i < columns.Length; i++)
        {
            var name = Renamed.GetValueOrDefault(sensors[i], sensors[i]);
            if (!_byName.TryGetValue(name, out var track))
            {
                Restore(track = new SensorTrack(name));
            }

            track.Present = true;
            columns[i] = track;
        }

        Forget(track => track.Readings == 0 || Rows - track.LastRow >= options.WindowRows);
        var room = options.MaxSensors - columns.Length;
        if (Tracks.Count > options.MaxSensors)
        {
            var resting = 0;
            Forget(_ => resting++ >= room);
        }

        return columns;
    }

    /// <summary>What is known of the sensor of the former name goes on under the new one, which rows of the former name then mean too. Told again it changes nothing.</summary>
    public void Rename(IReadOnlyDictionary<string, string> renamed)
    {
        foreach (var (before, now) in renamed.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (Renamed.Count >= options.MaxSensors && !Renamed.ContainsKey(before))
            {
                Renamed.Remove(Renamed.Keys.First());
            }

            if (_byName.ContainsKey(now) || !_byName.Remove(before, out var track))
            {
                continue;
            }

            Renamed[before] = track.Name = now;
            Renamed.Remove(now);
            _byName.Add(now, track);
            foreach (var older in Renamed.Where(pair => pair.Value == before).Select(pair => pair.Key).ToArray())
            {
                Renamed[older] = now;
            }
        }
    }

    private void Forget(Func<SensorTrack, bool> choose)
    {
        foreach (var track in Tracks.Where(track => !track.Present && choose(track)).ToArray())
        {
            Tracks.Remove(track);
            _byName.Remove(track.Name);
        }
    }
}

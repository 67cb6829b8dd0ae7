using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>All that sources sent for one event time. What it amounts to does not depend on the order in which they sent it.</summary>
internal sealed class TimedRow(long time)
{
    private readonly List<ReportedRow> _parts = [];

    public long Time => time;

    /// <summary>By source; of one source, in the order they came.</summary>
    public IReadOnlyList<ReportedRow> Parts => _parts;

    /// <summary>Unit of the first part that names one.</summary>
    public string? Units => _parts.Select(part => part.Units).FirstOrDefault(units => units is not null);

    /// <summary>How many times its filled-in values have been given out; 0 while it waits.</summary>
    public int Version { get; set; }

    /// <summary>The values that were given out last.</summary>
    public IReadOnlyList<ImputedValue> Filled { get; set; } = [];

    public void Add(ReportedRow part)
    {
        var place = _parts.Count;
        while (place > 0 && string.CompareOrdinal(_parts[place - 1].Source, part.Source) > 0)
        {
            place--;
        }

        _parts.Insert(place, part);
    }

    /// <summary>
    /// The sensors of all parts in the order of their names, and for each its first reading; a repeated reading changes nothing. A sensor renamed
    /// meanwhile has its new name, unless that is there too.
    /// </summary>
    public (string[] Sensors, double[] Values) Merge(IReadOnlyDictionary<string, string> renamed)
    {
        var names = renamed.Count == 0 ? null : _parts.SelectMany(part => part.Sensors).ToHashSet(StringComparer.Ordinal);
        var readings = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var part in _parts)
        {
            for (var i = 0; i < part.Values.Length; i++)
            {
                var name = names is not null && renamed.TryGetValue(part.Sensors[i], out var now) && !names.Contains(now) ? now : part.Sensors[i];
                if (!readings.TryGetValue(name, out var known) || double.IsNaN(known))
                {
                    readings[name] = part.Values[i];
                }
            }
        }

        return ([.. readings.Keys], [.. readings.Values]);
    }
}

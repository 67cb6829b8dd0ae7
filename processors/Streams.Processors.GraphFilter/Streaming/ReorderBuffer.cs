namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Rows in the order of their event time, one for each.</summary>
internal sealed class ReorderBuffer
{
    private readonly SortedList<long, TimedRow> _rows = [];

    /// <summary>Rows as they were sent, several for one time counted each: what is bounded.</summary>
    public int Parts { get; private set; }

    public int Count => _rows.Count;

    public IList<TimedRow> Rows => _rows.Values;

    public void Add(long time, ReportedRow part)
    {
        if (!_rows.TryGetValue(time, out var row))
        {
            _rows.Add(time, row = new TimedRow(time));
        }

        row.Add(part);
        Parts++;
    }

    public void Add(TimedRow row)
    {
        _rows.Add(row.Time, row);
        Parts += row.Parts.Count;
    }

    /// <summary>Takes out the rows before <paramref name="time"/>, oldest first.</summary>
    public List<TimedRow> TakeBefore(long time)
    {
        var count = 0;
        while (count < _rows.Count && _rows.Keys[count] < time)
        {
            count++;
        }

        var taken = _rows.Values.Take(count).ToList();
        for (; count > 0; count--)
        {
            // The list is short, and rows come nearly in order.
            Parts -= _rows.Values[0].Parts.Count;
            _rows.RemoveAt(0);
        }

        return taken;
    }

    /// <summary>The time before which rows must be taken so that at most <paramref name="most"/> parts are left; <see cref="long.MinValue"/> when none must.</summary>
    public long Excess(int most)
    {
        var (left, time) = (Parts, long.MinValue);
        for (var i = 0; left > most; i++)
        {
            left -= _rows.Values[i].Parts.Count;
            time = _rows.Keys[i] + 1;
        }

        return time;
    }
}

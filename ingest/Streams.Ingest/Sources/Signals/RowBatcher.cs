using Streams.Schemas;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Sources.Signals;

/// <summary>Picks columns and rows as the options say and gathers them into batches.</summary>
internal sealed class RowBatcher(SignalFileOptions options, string network, string? units, IReadOnlyList<string> sensors)
{
    private readonly List<DateTimeOffset> _times = [];
    private readonly List<double> _values = [];
    private bool _any;

    /// <summary>Checks what crosses fields.</summary>
    public static string CheckOptions(SignalFileOptions options, string what)
    {
        OptionsCheck.Annotations(options);
        return options.From >= options.To
            ? throw new SourceException($"From is {options.From:O} and To is {options.To:O}; give a To after From")
            : OptionsCheck.File(nameof(options.Path), options.Path, what);
    }

    /// <summary>The columns to take, as positions in <paramref name="header"/>, held against the rules of the wire before a row is read.</summary>
    public static int[] Choose(SignalFileOptions options, string path, string network, IReadOnlyList<string> header, int timeColumn)
    {
        string[] names = [.. header.Where((_, column) => column != timeColumn)];
        if (options.Sensors?.FirstOrDefault(sensor => !names.Contains(sensor)) is { } unknown)
        {
            throw new SourceException($"Sensors names '{unknown}', which {path} does not have; its sensors are {string.Join(", ", names.Take(8))}{(names.Length > 8 ? ", …" : "")}");
        }

        int[] columns = [.. Enumerable.Range(0, header.Count).Where(column => column != timeColumn && (options.Sensors?.Contains(header[column]) ?? true))];
        try
        {
            _ = new SignalBatch(network, options.Units, [.. columns.Select(column => header[column])], [DateTimeOffset.UnixEpoch], new double[columns.Length]);
        }
        catch (RecordFormatException e)
        {
            throw new SourceException($"{path}: {e.Message}; a time column and one column per sensor are needed", e);
        }

        SignalRecords.CheckSize(options.RowsPerRecord, columns.Length);
        return columns;
    }

    /// <summary>Whether a row of this time is wanted.</summary>
    public bool Takes(DateTimeOffset time) => !(time < options.From) && !(time >= options.To);

    /// <summary>Adds a row; gives a batch when it is full.</summary>
    public SignalBatch? Add(DateTimeOffset time, IEnumerable<double> values)
    {
        _any = true;
        _times.Add(time);
        _values.AddRange(values);
        return _times.Count == options.RowsPerRecord ? Take() : null;
    }

    /// <summary>The rows that are left at the end, if any.</summary>
    /// <exception cref="SourceException">There was no row at all.</exception>
    public SignalBatch? Finish(string path) => _any
        ? (_times.Count > 0 ? Take() : null)
        : throw new SourceException($"{path} has no row{(options.FiltersTime ? " between From and To" : "")}; give a file with rows, or other bounds");

    private SignalBatch Take()
    {
        var batch = new SignalBatch(network, units, sensors, [.. _times], [.. _values]);
        _times.Clear();
        _values.Clear();
        return batch;
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using Streams.Schemas;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Sources.Signals;

/// <summary>A table of readings as records of <see cref="Topics.SensorSignals"/>, read row by row.</summary>
public sealed class SensorCsvSource : IRecordSource
{
    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd",
        "yyyyMMdd",
        .. from separator in new[] { "'T'", "' '" }
           from clock in new[] { "HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF" }
           from zone in new[] { "", "K" }
           select $"yyyy-MM-dd{separator}{clock}{zone}",
    ];

    private readonly SensorCsvOptions _options;
    private readonly string _path;
    private readonly int[] _columns;

    private SensorCsvSource(SensorCsvOptions options, string path, IReadOnlyList<string> header, int[] columns, long? rows)
    {
        (_options, _path, _columns) = (options, path, columns);
        Sensors = [.. columns.Select(column => header[column])];
        ExpectedRecords = (rows + options.RowsPerRecord - 1) / options.RowsPerRecord;
    }

    /// <summary>The sensors, in the order of the file.</summary>
    public IReadOnlyList<string> Sensors { get; }

    /// <inheritdoc/>
    public long? ExpectedRecords { get; }

    /// <summary>Checks the options and the header, and counts the rows unless they are filtered by time.</summary>
    /// <exception cref="SourceException">One of them is wrong.</exception>
    public static async Task<SensorCsvSource> OpenAsync(SensorCsvOptions options, CancellationToken ct = default)
    {
        OptionsCheck.Annotations(options);
        OptionsCheck.Key(nameof(options.Network), options.Network);
        var path = OptionsCheck.File(nameof(options.Path), options.Path, "a CSV file");
        if (options.From >= options.To)
        {
            throw new SourceException($"From is {options.From:O} and To is {options.To:O}; give a To after From");
        }

        using var table = await CsvTable.OpenAsync(path, ct);
        var columns = Choose(options, path, table.Columns);
        SignalRecords.CheckSize(options.RowsPerRecord, columns.Length);
        var filtered = options.From is not null || options.To is not null;
        return new SensorCsvSource(options, path, table.Columns, columns, filtered ? null : await CsvTable.CountRowsAsync(path, ct));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceRecord> ReadAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        var sequence = 0L;
        await foreach (var batch in ReadBatchesAsync(ct))
        {
            yield return SignalRecords.Create(batch, sequence++);
        }
    }

    /// <summary>The readings before they are encoded, to be changed on the way; <see cref="SignalRecords.Create"/> makes records of them.</summary>
    /// <exception cref="SourceException">A row is wrong.</exception>
    public async IAsyncEnumerable<SignalBatch> ReadBatchesAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        using var table = await CsvTable.OpenAsync(_path, ct);
        var times = new List<DateTimeOffset>(_options.RowsPerRecord);
        var values = new List<double>();
        var any = false;
        while (await table.ReadAsync(ct))
        {
            var time = Time(table);
            if (time < _options.From || time >= _options.To)
            {
                continue;
            }

            any = true;
            times.Add(time);
            values.AddRange(_columns.Select(column => Value(table, column)));
            if (times.Count == _options.RowsPerRecord)
            {
                yield return Batch(times, values);
            }
        }

        if (times.Count > 0)
        {
            yield return Batch(times, values);
        }

        if (!any)
        {
            throw new SourceException($"{_path} has no row{(_options.From is null && _options.To is null ? "" : " between From and To")}; give a file with rows, or other bounds");
        }
    }

    private static int[] Choose(SensorCsvOptions options, string path, IReadOnlyList<string> header)
    {
        var unknown = options.Sensors?.FirstOrDefault(sensor => !header.Skip(1).Contains(sensor));
        if (unknown is not null)
        {
            throw new SourceException($"Sensors names '{unknown}', which {path} does not have; its columns are {string.Join(", ", header.Skip(1).Take(8))}{(header.Count > 9 ? ", …" : "")}");
        }

        int[] columns = [.. Enumerable.Range(1, header.Count - 1).Where(column => options.Sensors?.Contains(header[column]) ?? true)];
        try
        {
            // What the rules of the wire say against these names, before a row is read.
            _ = new SignalBatch(options.Network, options.Units, [.. columns.Select(column => header[column])], [DateTimeOffset.UnixEpoch], new double[columns.Length]);
        }
        catch (RecordFormatException e)
        {
            throw new SourceException($"{path}, line 1: {e.Message}; the header is a time column and one column per sensor, separated by commas", e);
        }

        return columns;
    }

    private SignalBatch Batch(List<DateTimeOffset> times, List<double> values)
    {
        var batch = new SignalBatch(_options.Network, _options.Units, Sensors, [.. times], [.. values]);
        times.Clear();
        values.Clear();
        return batch;
    }

    private static DateTimeOffset Time(CsvTable table) =>
        DateTimeOffset.TryParseExact(table[0], TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw table.Fault(0, "is not a time; write ISO 8601, such as 2020-01-31 or 2020-01-31T12:00:00Z");

    private static double Value(CsvTable table, int column)
    {
        var text = table[column];
        if (text.Length == 0 || text.Equals("NA", StringComparison.OrdinalIgnoreCase)
            || text.Equals("NaN", StringComparison.OrdinalIgnoreCase) || text.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            return double.NaN;
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            throw table.Fault(column, "is not a number; write it with a decimal point, or leave a missing reading empty");
        }

        return float.IsFinite((float)value) ? value : throw table.Fault(column, "is beyond float32; leave a missing reading empty, or choose another unit");
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using Streams.Schemas;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Sources.Signals;

/// <summary>A table of readings as records of <see cref="Topics.SensorSignals"/>, read row by row.</summary>
public sealed class SensorCsvSource : IRecordSource
{
    private const int TimeColumn = 0;

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
        var path = RowBatcher.CheckOptions(options, "a CSV file");
        OptionsCheck.Key(nameof(options.Network), options.Network);
        using var table = await CsvTable.OpenAsync(path, ct);
        var columns = RowBatcher.Choose(options, path, options.Network, table.Columns, TimeColumn);
        return new SensorCsvSource(options, path, table.Columns, columns, options.FiltersTime ? null : await CsvTable.CountRowsAsync(path, ct));
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
        var rows = new RowBatcher(_options, _options.Network, _options.Units, Sensors);
        while (await table.ReadAsync(ct))
        {
            var time = Time(table);
            if (rows.Takes(time) && rows.Add(time, _columns.Select(column => Value(table, column))) is { } batch)
            {
                yield return batch;
            }
        }

        if (rows.Finish(_path) is { } last)
        {
            yield return last;
        }
    }

    private static DateTimeOffset Time(CsvTable table) =>
        DateTimeOffset.TryParseExact(table[TimeColumn], TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw table.Fault(TimeColumn, "is not a time; write ISO 8601, such as 2020-01-31 or 2020-01-31T12:00:00Z");

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

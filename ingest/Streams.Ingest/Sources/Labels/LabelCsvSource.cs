using System.Globalization;
using System.Runtime.CompilerServices;
using Streams.Schemas;

namespace Streams.Ingest.Sources.Labels;

/// <summary>A table of labels as samples that nobody asked for, records of <see cref="Topics.LabelSamples"/>. The task itself is opened by <see cref="LabelRecords.Task"/>.</summary>
public sealed class LabelCsvSource : IRecordSource
{
    private readonly LabelCsvOptions _options;
    private readonly TimeProvider _time;
    private readonly string _path;

    private LabelCsvSource(LabelCsvOptions options, TimeProvider time, string path, long? rows) =>
        (_options, _time, _path, ExpectedRecords) = (options, time, path, rows);

    /// <inheritdoc/>
    public long? ExpectedRecords { get; }

    /// <summary>Checks the options and the header, and counts the rows unless those of one task are picked.</summary>
    /// <exception cref="SourceException">One of them is wrong.</exception>
    public static async Task<LabelCsvSource> OpenAsync(LabelCsvOptions options, TimeProvider time, CancellationToken ct = default)
    {
        var path = await LabelCsv.CheckAsync(options, ct);
        using var table = await CsvTable.OpenAsync(path, ct);
        var picked = options.Task is not null && table.Columns.Contains("task", StringComparer.OrdinalIgnoreCase);
        return new LabelCsvSource(options, time, path, picked ? null : await CsvTable.CountRowsAsync(path, ct));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceRecord> ReadAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        var time = _options.Time ?? _time.GetUtcNow();
        var file = Path.GetFileName(_path);
        await foreach (var (sample, row, _) in LabelCsv.ReadAsync(_options, _path, ct))
        {
            yield return LabelRecords.Sample(sample, string.Create(CultureInfo.InvariantCulture, $"{file}/{row}"), time);
        }
    }
}

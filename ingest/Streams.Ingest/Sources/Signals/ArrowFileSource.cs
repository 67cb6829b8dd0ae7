using System.Globalization;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using Streams.Schemas;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Sources.Signals;

/// <summary>
/// Arrow data as records of <see cref="Topics.SensorSignals"/>: recorded records of the wire, or any table of times and floats,
/// in new batches. One batch of the file is held at a time.
/// </summary>
public sealed class ArrowFileSource : IRecordSource
{
    private readonly ArrowFileOptions _options;
    private readonly string _path;
    private readonly string? _units;
    private readonly int _timeColumn;
    private readonly int[] _columns;

    private ArrowFileSource(ArrowFileOptions options, string path, string network, Schema schema, int timeColumn, int[] columns)
    {
        (_options, _path, Network, _timeColumn, _columns) = (options, path, network, timeColumn, columns);
        _units = options.Units ?? ArrowColumns.Metadata(schema, "units");
        Sensors = [.. columns.Select(column => schema.FieldsList[column].Name)];
    }

    /// <summary>Key of the records.</summary>
    public string Network { get; }

    /// <summary>The sensors, in the order of the file.</summary>
    public IReadOnlyList<string> Sensors { get; }

    /// <inheritdoc/>
    public long? ExpectedRecords { get; private init; }

    /// <summary>Checks the options and the schema, and reads the whole file once: damage shows before anything is published.</summary>
    /// <exception cref="SourceException">One of them is wrong.</exception>
    public static async Task<ArrowFileSource> OpenAsync(ArrowFileOptions options, CancellationToken ct = default)
    {
        var path = RowBatcher.CheckOptions(options, "an Arrow file");
        using var reading = await ArrowReading.OpenAsync(path, ct);
        var network = options.Network ?? ArrowColumns.Metadata(reading.Schema, "network")
            ?? throw new SourceException($"Network is missing, and {path} names none in its schema's metadata; give one");
        OptionsCheck.Key(nameof(options.Network), network);
        CheckVersion(path, reading.Schema);
        var timeColumn = ArrowColumns.FindTime(reading.Schema, path);
        var columns = RowBatcher.Choose(options, path, network, [.. reading.Schema.FieldsList.Select(field => field.Name)], timeColumn);
        var rows = 0L;
        while (await reading.ReadAsync(ct) is { } batch)
        {
            using (batch)
            {
                rows += batch.Length;
            }
        }

        return new ArrowFileSource(options, path, network, reading.Schema, timeColumn, columns)
        {
            ExpectedRecords = options.FiltersTime ? null : (rows + options.RowsPerRecord - 1) / options.RowsPerRecord,
        };
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
        using var reading = await ArrowReading.OpenAsync(_path, ct);
        var rows = new RowBatcher(_options, Network, _units, Sensors);
        var fileRow = 0L;
        while (await reading.ReadAsync(ct) is { } part)
        {
            using (part)
            {
                for (var row = 0; row < part.Length; row++, fileRow++)
                {
                    var time = ArrowColumns.Time(part, _timeColumn, row, _path, fileRow);
                    if (rows.Takes(time)
                        && rows.Add(time, _columns.Select(column => ArrowColumns.Value(part, column, row, _path, fileRow))) is { } batch)
                    {
                        yield return batch;
                    }
                }
            }
        }

        if (rows.Finish(_path) is { } last)
        {
            yield return last;
        }
    }

    // A table that names no version is a plain one; one that does was written for the wire.
    private static void CheckVersion(string path, Schema schema)
    {
        if (ArrowColumns.Metadata(schema, "schema_version") is not { } version)
        {
            return;
        }

        try
        {
            var number = int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
            _ = new SignalBatch("any", null, ["any"], [DateTimeOffset.UnixEpoch], [0], number);
        }
        catch (RecordFormatException e)
        {
            throw new SourceException($"{path}, schema_version '{version}': {e.Message}", e);
        }
    }
}

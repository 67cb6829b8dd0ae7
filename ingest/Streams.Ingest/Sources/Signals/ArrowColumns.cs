using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Streams.Ingest.Sources.Signals;

/// <summary>Times and readings out of Arrow's columns.</summary>
internal static class ArrowColumns
{
    private const string UsualTimeColumn = "time";

    /// <summary>Position of the only column of times; every other one must hold readings.</summary>
    public static int FindTime(Schema schema, string path)
    {
        var fields = schema.FieldsList;
        int[] times = [.. Enumerable.Range(0, fields.Count).Where(i => fields[i].DataType is TimestampType or Date32Type or Date64Type)];
        if (times.Length != 1)
        {
            var named = times.Length == 0 ? "" : $" ({string.Join(", ", times.Select(i => fields[i].Name))})";
            throw new SourceException($"{path} has {times.Length} columns of times{named}; give one, such as '{UsualTimeColumn}' of type timestamp[us, UTC]");
        }

        return fields.Where((field, i) => i != times[0] && field.DataType is not (FloatType or DoubleType)).FirstOrDefault() is { } odd
            ? throw new SourceException($"{path}, column '{odd.Name}': its type is {odd.DataType.Name}; give float32 or float64, one column per sensor")
            : times[0];
    }

    public static DateTimeOffset Time(RecordBatch batch, int column, int row, string path, long fileRow)
    {
        var array = batch.Column(column);
        var name = batch.Schema.FieldsList[column].Name;
        if (array.IsNull(row))
        {
            throw new SourceException($"{path}, row {fileRow}, column '{name}': null is not a time; give every row its event time");
        }

        var (raw, perUnit) = array switch
        {
            TimestampArray timestamps => (timestamps.GetValue(row)!.Value, ((TimestampType)timestamps.Data.DataType).Unit switch
            {
                TimeUnit.Second => 1_000_000L,
                TimeUnit.Millisecond => 1_000L,
                TimeUnit.Microsecond => 1L,
                _ => 0L,
            }),
            Date32Array days => (days.GetValue(row)!.Value, 86_400_000_000L),
            Date64Array milliseconds => (milliseconds.GetValue(row)!.Value, 1_000L),
            _ => throw new SourceException($"{path}, column '{name}': its type is {array.Data.DataType.Name}; give timestamps or dates"),
        };
        try
        {
            // Nanoseconds are finer than the wire.
            var microseconds = perUnit == 0 ? (long)Math.Floor(raw / 1_000m) : checked(raw * perUnit);
            return DateTimeOffset.UnixEpoch.AddTicks(checked(microseconds * TimeSpan.TicksPerMicrosecond));
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            throw new SourceException($"{path}, row {fileRow}, column '{name}': {raw} is outside the years 1 to 9999; is its unit right?", e);
        }
    }

    public static double Value(RecordBatch batch, int column, int row, string path, long fileRow)
    {
        var array = batch.Column(column);
        if (array.IsNull(row))
        {
            return double.NaN;
        }

        var value = array is FloatArray floats ? floats.GetValue(row)!.Value : ((DoubleArray)array).GetValue(row)!.Value;
        return double.IsNaN(value) || float.IsFinite((float)value)
            ? value
            : throw new SourceException(
                $"{path}, row {fileRow}, column '{batch.Schema.FieldsList[column].Name}': {value.ToString(CultureInfo.InvariantCulture)} is beyond float32; make a missing reading null, or choose another unit");
    }

    /// <summary>An entry of the schema's metadata.</summary>
    public static string? Metadata(Schema schema, string key) =>
        schema.Metadata is { } metadata && metadata.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
}

using System.Globalization;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Streams.Schemas.Results;

/// <summary>
/// Filled-in readings as one Arrow IPC stream, for readers that put them beside the readings: columns <c>network</c>, <c>units</c> (nullable),
/// <c>version</c> (int32), <c>time</c> (timestamp[us, UTC]), <c>sensor</c>, <c>value</c> and <c>standard_deviation</c> (float64), one row a value; schema
/// metadata <c>schema_version</c>. A higher version replaces what lower ones say of its times.
/// </summary>
public static class ImputedArrow
{
    /// <summary>Content type of the stream.</summary>
    public const string ContentType = "application/vnd.apache.arrow.stream";

    private static readonly Schema Layout = new(
        [
            new Field("network", StringType.Default, nullable: false),
            new Field("units", StringType.Default, nullable: true),
            new Field("version", Int32Type.Default, nullable: false),
            new Field("time", new TimestampType(TimeUnit.Microsecond, "UTC"), nullable: false),
            new Field("sensor", StringType.Default, nullable: false),
            new Field("value", DoubleType.Default, nullable: false),
            new Field("standard_deviation", DoubleType.Default, nullable: false),
        ],
        new Dictionary<string, string> { ["schema_version"] = 1.ToString(CultureInfo.InvariantCulture) });

    /// <summary>Writes the values of all <paramref name="results"/>, in their order.</summary>
    public static byte[] Encode(IEnumerable<ImputedReadings> results)
    {
        var rows = results.SelectMany(result => result.Values.Select(value => (Result: result, Value: value))).ToArray();
        StringArray Text(Func<(ImputedReadings Result, ImputedValue Value), string?> of)
        {
            var builder = new StringArray.Builder();
            foreach (var row in rows)
            {
                _ = of(row) is { } text ? builder.Append(text) : builder.AppendNull();
            }

            return builder.Build();
        }

        DoubleArray Numbers(Func<ImputedValue, double> of) => new DoubleArray.Builder().AppendRange(rows.Select(row => of(row.Value))).Build();

        var times = rows.Select(row => EventTime.ToMicroseconds(row.Value.Time)).ToArray();
        IArrowArray[] columns =
        [
            Text(row => row.Result.Network),
            Text(row => row.Result.Units),
            new Int32Array.Builder().AppendRange(rows.Select(row => row.Result.Version ?? 1)).Build(),
            new TimestampArray((TimestampType)Layout.FieldsList[3].DataType, new ArrowBuffer(MemoryMarshal.AsBytes<long>(times).ToArray()), ArrowBuffer.Empty, times.Length, nullCount: 0, offset: 0),
            Text(row => row.Value.Sensor),
            Numbers(value => value.Value),
            Numbers(value => value.StandardDeviation),
        ];
        using var bytes = new MemoryStream();
        using (var batch = new RecordBatch(Layout, columns, rows.Length))
        using (var writer = new ArrowStreamWriter(bytes, Layout, leaveOpen: true))
        {
            writer.WriteRecordBatch(batch);
            writer.WriteEnd();
        }

        return bytes.ToArray();
    }
}

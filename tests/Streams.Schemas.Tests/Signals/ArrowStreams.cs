using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Streams.Schemas.Tests.Signals;

/// <summary>Streams that other producers could write, right and wrong.</summary>
internal static class ArrowStreams
{
    public static readonly IArrowType UtcMicroseconds = new TimestampType(TimeUnit.Microsecond, "UTC");

    public static Dictionary<string, string> Metadata(string version = "1", string network = "net") =>
        new() { ["network"] = network, ["units"] = "degC", ["schema_version"] = version };

    public static IArrowArray Times(params long?[] microseconds)
    {
        var column = new TimestampArray.Builder((TimestampType)UtcMicroseconds);
        foreach (var time in microseconds)
        {
            _ = time is null ? column.AppendNull() : column.Append(DateTimeOffset.UnixEpoch.AddTicks(time.Value * 10));
        }

        return column.Build();
    }

    public static IArrowArray Floats(params float?[] values)
    {
        var column = new FloatArray.Builder();
        foreach (var value in values)
        {
            _ = value is null ? column.AppendNull() : column.Append(value.Value);
        }

        return column.Build();
    }

    public static IArrowArray Doubles(params double[] values) => new DoubleArray.Builder().AppendRange(values).Build();

    public static byte[] Write(Dictionary<string, string>? metadata, params (string Name, IArrowArray Column)[] columns) =>
        Write(metadata, 1, columns);

    public static byte[] Write(Dictionary<string, string>? metadata, int batches, params (string Name, IArrowArray Column)[] columns)
    {
        var schema = new Schema(columns.Select(column => new Field(column.Name, column.Column.Data.DataType, nullable: true)), metadata);
        using var bytes = new MemoryStream();
        using (var writer = new ArrowStreamWriter(bytes, schema, leaveOpen: true))
        {
            writer.WriteStart();
            for (var i = 0; i < batches; i++)
            {
                writer.WriteRecordBatch(new RecordBatch(schema, columns.Select(column => column.Column), columns.Length == 0 ? 0 : columns[0].Column.Length));
            }

            writer.WriteEnd();
        }

        return bytes.ToArray();
    }
}

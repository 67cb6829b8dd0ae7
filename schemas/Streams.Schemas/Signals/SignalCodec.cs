using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Streams.Schemas.Signals;

/// <summary>
/// Readings as one Arrow IPC stream a record: column <c>time</c> (timestamp[us, UTC]) and one nullable float32 or float64 column per
/// sensor; schema metadata <c>network</c>, <c>units</c> (may be left out), <c>schema_version</c> and, when sensors were renamed, <c>renamed</c>: a JSON object of former and new names.
/// </summary>
public static class SignalCodec
{
    private static readonly TimestampType TimeType = new(TimeUnit.Microsecond, "UTC");

    /// <summary>Writes <paramref name="batch"/>. Missing readings become nulls; times lose what is finer than a microsecond.</summary>
    public static byte[] Encode(SignalBatch batch, SignalPrecision precision = SignalPrecision.Single)
    {
        var rows = batch.Times.Count;
        IArrowType valueType = precision == SignalPrecision.Single ? FloatType.Default : DoubleType.Default;
        var fields = new List<Field> { new(SignalRules.TimeColumn, TimeType, nullable: false) };
        fields.AddRange(batch.Sensors.Select(sensor => new Field(sensor, valueType, nullable: true)));
        var metadata = new Dictionary<string, string>
        {
            [SignalRules.NetworkKey] = batch.Network,
            [SignalRules.VersionKey] = batch.SchemaVersion.ToString(CultureInfo.InvariantCulture),
        };
        if (batch.Units is not null)
        {
            metadata[SignalRules.UnitsKey] = batch.Units;
        }

        if (batch.Renamed.Count > 0)
        {
            metadata[SignalRules.RenamedKey] = JsonSerializer.Serialize(new SortedDictionary<string, string>(batch.Renamed.ToDictionary(), StringComparer.Ordinal));
        }

        var columns = new List<IArrowArray> { Times(batch) };
        columns.AddRange(Enumerable.Range(0, batch.Sensors.Count).Select(sensor => Column(batch, sensor, precision)));
        var schema = new Schema(fields, metadata);
        using var bytes = new MemoryStream();
        using (var records = new RecordBatch(schema, columns, rows))
        using (var writer = new ArrowStreamWriter(bytes, schema, leaveOpen: true))
        {
            writer.WriteRecordBatch(records);
            writer.WriteEnd();
        }

        return bytes.ToArray();
    }

    /// <summary>Checks one record's stream without keeping it.</summary>
    /// <exception cref="RecordFormatException">The record is not valid.</exception>
    public static void Validate(ReadOnlyMemory<byte> bytes, string network)
    {
        if (!SignalScan.IsPlain(bytes.Span, network))
        {
            Decode(bytes, network);
        }
    }

    /// <summary>Reads one record's stream, whatever its writer; several record batches are joined.</summary>
    /// <param name="bytes">The whole stream.</param>
    /// <param name="expectedNetwork">The record's key, or null to accept any network.</param>
    /// <exception cref="RecordFormatException">Anything else than what <see cref="SignalCodec"/> describes; nothing else is thrown.</exception>
    public static SignalBatch Decode(ReadOnlyMemory<byte> bytes, string? expectedNetwork = null)
    {
        ArrowStreamGuard.Check(bytes.Span);
        try
        {
            using var reader = new ArrowStreamReader(bytes);
            return Read(reader, bytes.Span, expectedNetwork);
        }
        catch (RecordFormatException)
        {
            throw;
        }
        // A damaged stream makes the Arrow reader throw exceptions of many types, plain Exception among them.
        catch (Exception e)
        {
            throw new RecordFormatException("arrow", $"not a readable Arrow IPC stream ({e.Message}); send the whole stream as one record", e);
        }
    }

    private static SignalBatch Read(ArrowStreamReader reader, ReadOnlySpan<byte> bytes, string? expectedNetwork)
    {
        var schema = reader.Schema ?? throw new RecordFormatException("arrow", "the stream has no schema; write one with Arrow's stream writer");
        var metadata = schema.Metadata;
        string? Meta(string key) => metadata is not null && metadata.TryGetValue(key, out var value) ? value : null;

        var version = SignalRules.CheckVersion(Meta(SignalRules.VersionKey));
        var network = Meta(SignalRules.NetworkKey)
            ?? throw new RecordFormatException(SignalRules.NetworkKey, "is missing in the schema's metadata; name the sensor network, as in the record's key");
        if (expectedNetwork is not null && network != expectedNetwork)
        {
            throw new RecordFormatException(SignalRules.NetworkKey, $"is '{network}' in the schema's metadata and '{expectedNetwork}' in the record's key; make them equal");
        }

        var timeColumn = CheckColumns(schema);
        var sensors = schema.FieldsList.Where((_, i) => i != timeColumn).Select(field => field.Name).ToArray();
        SignalRules.CheckSensors(sensors);

        var times = new List<DateTimeOffset>();
        var values = new List<double[]>();
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            using (batch)
            {
                // Columns of a hostile stream may share one buffer, so that a small record would unfold into gigabytes.
                var needed = ((long)times.Count + batch.Length) * (8 + 4L * sensors.Length);
                if (needed > bytes.Length)
                {
                    throw new RecordFormatException("rows", $"{batch.Length} rows of {sensors.Length} sensors do not fit into {bytes.Length} bytes; give each column its own buffer");
                }

                AddTimes((TimestampArray)batch.Column(timeColumn), times);
                values.Add(Values(batch, timeColumn, sensors.Length));
            }
        }

        var readings = new SignalBatch(network, Meta(SignalRules.UnitsKey), sensors, times, [.. values.SelectMany(part => part)], version, Renamed(Meta(SignalRules.RenamedKey)));
        SignalScan.Remember(bytes, network, schema);
        return readings;
    }

    private static Dictionary<string, string>? Renamed(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(json);
        }
        catch (JsonException e)
        {
            throw new RecordFormatException(SignalRules.RenamedKey, $"in the schema's metadata is no JSON object of former and new names, such as {{\"old\":\"new\"}} ({e.Message})", e);
        }
    }

    private static int CheckColumns(Schema schema)
    {
        var timeColumn = -1;
        for (var i = 0; i < schema.FieldsList.Count; i++)
        {
            var field = schema.FieldsList[i];
            if (field.Name == SignalRules.TimeColumn)
            {
                if (timeColumn >= 0)
                {
                    throw new RecordFormatException(field.Name, "the column occurs twice; give one time column");
                }

                if (field.DataType is not TimestampType { Unit: TimeUnit.Microsecond, Timezone: "UTC" })
                {
                    throw new RecordFormatException(field.Name, $"has type {Describe(field.DataType)}; give timestamp[us, UTC]");
                }

                timeColumn = i;
            }
            else if (field.DataType is not (FloatType or DoubleType))
            {
                throw new RecordFormatException(field.Name, $"has type {Describe(field.DataType)}; give float32 or float64, one column per sensor");
            }
        }

        return timeColumn >= 0
            ? timeColumn
            : throw new RecordFormatException(SignalRules.TimeColumn, "the column is missing; give a column 'time' of type timestamp[us, UTC]");
    }

    private static string Describe(IArrowType type) =>
        type is TimestampType timestamp ? $"timestamp[{timestamp.Unit}, {timestamp.Timezone ?? "no time zone"}]" : type.Name;

    private static void AddTimes(TimestampArray column, List<DateTimeOffset> times)
    {
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
            {
                throw new RecordFormatException(SignalRules.TimeColumn, $"row {times.Count} is null; give every row its event time");
            }

            var microseconds = column.Values[row];
            try
            {
                times.Add(EventTime.FromMicroseconds(checked(microseconds * TimeSpan.TicksPerMicrosecond) / TimeSpan.TicksPerMicrosecond));
            }
            catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
            {
                throw new RecordFormatException(SignalRules.TimeColumn, $"row {times.Count} is {microseconds} µs since 1970, outside the years 1 to 9999; is the unit wrong?", e);
            }
        }
    }

    private static double[] Values(RecordBatch batch, int timeColumn, int sensors)
    {
        var values = new double[batch.Length * sensors];
        for (int column = 0, sensor = 0; column < batch.ColumnCount; column++)
        {
            if (column == timeColumn)
            {
                continue;
            }

            var array = batch.Column(column);
            for (var row = 0; row < batch.Length; row++)
            {
                values[(row * sensors) + sensor] = array.IsNull(row) ? double.NaN : array switch
                {
                    FloatArray floats => floats.Values[row],
                    DoubleArray doubles => doubles.Values[row],
                    _ => throw new RecordFormatException(batch.Schema.GetFieldByIndex(column).Name, $"has type {array.Data.DataType.Name}; give float32 or float64"),
                };
            }

            sensor++;
        }

        return values;
    }

    private static TimestampArray Times(SignalBatch batch)
    {
        var bytes = new byte[batch.Times.Count * sizeof(long)];
        var ticks = MemoryMarshal.Cast<byte, long>(bytes.AsSpan());
        for (var row = 0; row < ticks.Length; row++)
        {
            ticks[row] = EventTime.ToMicroseconds(batch.Times[row]);
        }

        return new TimestampArray(TimeType, new ArrowBuffer(bytes), ArrowBuffer.Empty, ticks.Length, nullCount: 0, offset: 0);
    }

    private static IArrowArray Column(SignalBatch batch, int sensor, SignalPrecision precision)
    {
        var rows = batch.Times.Count;
        var validity = new byte[(rows + 7) / 8];
        var missing = 0;
        var single = precision == SignalPrecision.Single;
        var bytes = new byte[rows * (single ? sizeof(float) : sizeof(double))];
        for (var row = 0; row < rows; row++)
        {
            var value = batch[row, sensor];
            if (double.IsNaN(value))
            {
                missing++;
                continue;
            }

            validity[row >> 3] |= (byte)(1 << (row & 7));
            if (single)
            {
                MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[row] = Narrow(batch.Sensors[sensor], row, value);
            }
            else
            {
                MemoryMarshal.Cast<byte, double>(bytes.AsSpan())[row] = value;
            }
        }

        var nulls = missing == 0 ? ArrowBuffer.Empty : new ArrowBuffer(validity);
        return single
            ? new FloatArray(new ArrowBuffer(bytes), nulls, rows, missing, offset: 0)
            : new DoubleArray(new ArrowBuffer(bytes), nulls, rows, missing, offset: 0);
    }

    private static float Narrow(string sensor, int row, double value) =>
        float.IsFinite((float)value)
            ? (float)value
            : throw new RecordFormatException(sensor, $"row {row} is {value.ToString(CultureInfo.InvariantCulture)}, beyond float32; encode in double precision");
}

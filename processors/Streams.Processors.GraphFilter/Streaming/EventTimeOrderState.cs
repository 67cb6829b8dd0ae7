using Streams.Processors.GraphFilter.Filling;
using Streams.Schemas;
using Streams.Schemas.Processing.Time;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// The part of a network's state that has rows that wait: watermark, the rows that wait, and, under <see cref="LatePolicy.Correct"/>, the network that is
/// settled with the rows since. Lists of sensors are written once for all rows of a buffer; readings that a float32 holds take four bytes.
/// </summary>
internal static class EventTimeOrderState
{
    public static void Save(BinaryWriter writer, EventTimeOrder order)
    {
        order.Watermark.Save(writer);
        writer.Write(order.GraphTime);
        Save(writer, order.Waiting);
        writer.Write(order.Settled is not null);
        if (order.Settled is not null)
        {
            writer.Write(order.SettledTo);
            NetworkState.Save(writer, order.Settled.State);
            Save(writer, order.Correctable);
        }
    }

    public static EventTimeOrder Read(BinaryReader reader, string name, SensorNetwork current, byte version)
    {
        var watermark = WatermarkTracker.Load(reader, EventTimeOrder.Watermarks(current.Options));
        var graphTime = reader.ReadInt64();
        var waiting = ReadRows(reader);
        if (!reader.ReadBoolean())
        {
            return EventTimeOrder.Restore(name, current, watermark, waiting, null, long.MinValue, graphTime);
        }

        var settledTo = reader.ReadInt64();
        var settled = NetworkState.Read(reader, current.Options, version);
        return EventTimeOrder.Restore(name, current, watermark, waiting, (settled, ReadRows(reader)), settledTo, graphTime);
    }

    private static void Save(BinaryWriter writer, ReorderBuffer buffer)
    {
        var lists = SensorLists(buffer, out var numbers);
        writer.Write(lists.Count);
        foreach (var sensors in lists)
        {
            writer.Write(sensors.Count);
            foreach (var sensor in sensors)
            {
                writer.Write(sensor);
            }
        }

        writer.Write(buffer.Count);
        foreach (var row in buffer.Rows)
        {
            writer.Write(row.Time);
            writer.Write(row.Version);
            writer.Write(row.Filled.Count);
            foreach (var value in row.Filled)
            {
                writer.Write(value.Sensor);
                writer.Write(value.Value);
                writer.Write(value.StandardDeviation);
            }

            writer.Write(row.Parts.Count);
            foreach (var part in row.Parts)
            {
                writer.Write(part.Source);
                writer.Write(part.Units is not null);
                if (part.Units is not null)
                {
                    writer.Write(part.Units);
                }

                writer.Write(numbers[part.Sensors]);
                Save(writer, part.Values);
            }
        }
    }

    private static void Save(BinaryWriter writer, double[] values)
    {
        var single = Array.TrueForAll(values, value => ((double)(float)value).Equals(value));
        writer.Write(single);
        foreach (var value in values)
        {
            if (single)
            {
                writer.Write((float)value);
            }
            else
            {
                writer.Write(value);
            }
        }
    }

    private static List<TimedRow> ReadRows(BinaryReader reader)
    {
        var lists = new string[reader.Count(sizeof(int))][];
        for (var i = 0; i < lists.Length; i++)
        {
            lists[i] = new string[reader.Count(1)];
            for (var j = 0; j < lists[i].Length; j++)
            {
                lists[i][j] = reader.ReadString();
            }
        }

        var rows = new List<TimedRow>();
        var count = reader.Count(sizeof(long));
        while (rows.Count < count)
        {
            var row = new TimedRow(Time(reader)) { Version = reader.ReadInt32() };
            var filled = new ImputedValue[reader.Count(2 * sizeof(double))];
            for (var i = 0; i < filled.Length; i++)
            {
                filled[i] = new ImputedValue(EventTime.FromMicroseconds(row.Time), reader.ReadString(), reader.ReadDouble(), reader.ReadDouble());
            }

            row.Filled = filled;
            for (var parts = reader.Count(1); parts > 0; parts--)
            {
                row.Add(ReadPart(reader, lists));
            }

            rows.Add(row);
        }

        return rows;
    }

    private static ReportedRow ReadPart(BinaryReader reader, string[][] lists)
    {
        var source = reader.ReadString();
        var units = reader.ReadBoolean() ? reader.ReadString() : null;
        var number = reader.ReadInt32();
        if (number < 0 || number >= lists.Length)
        {
            throw new FormatException($"list {number} of {lists.Length} lists of sensors");
        }

        var single = reader.ReadBoolean();
        var values = new double[lists[number].Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = single ? reader.ReadSingle() : reader.ReadDouble();
        }

        return new ReportedRow(source, units, lists[number], values);
    }

    private static long Time(BinaryReader reader)
    {
        var time = reader.ReadInt64();
        return time >= EventTime.MinMicroseconds && time <= EventTime.MaxMicroseconds ? time : throw new FormatException($"a row at {time} µs");
    }

    /// <summary>The different lists, in the order of the rows; rows mostly share the object, so few are compared by their names.</summary>
    private static List<IReadOnlyList<string>> SensorLists(ReorderBuffer buffer, out Dictionary<IReadOnlyList<string>, int> numbers)
    {
        var lists = new List<IReadOnlyList<string>>();
        numbers = new Dictionary<IReadOnlyList<string>, int>(ReferenceEqualityComparer.Instance);
        foreach (var part in buffer.Rows.SelectMany(row => row.Parts))
        {
            if (!numbers.ContainsKey(part.Sensors))
            {
                var same = lists.FindIndex(list => list.SequenceEqual(part.Sensors));
                if (same < 0)
                {
                    same = lists.Count;
                    lists.Add(part.Sensors);
                }

                numbers.Add(part.Sensors, same);
            }
        }

        return lists;
    }
}

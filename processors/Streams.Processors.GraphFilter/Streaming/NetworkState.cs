using System.Text;
using Streams.Processors.GraphFilter.Learning;
using Streams.Schemas.Processing;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// A network's state as bytes, little-endian. Version 1: magic, version, counters, window times oldest first, tracks with their
/// innovations, the learned model. What the live state rounds to float32 is written as float32, so nothing is lost. Version 2 has the rows that wait
/// behind that (<see cref="EventTimeOrderState"/>); without an allowed lateness there are none, and version 1 is still what is written.
/// </summary>
internal static class NetworkState
{
    private const uint Magic = 0x46475331;
    private const byte Version = 1;
    private const byte VersionWithOrder = 2;

    public static byte[] Save(SensorNetwork network, EventTimeOrder? order)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(order is null ? Version : VersionWithOrder);
        Save(writer, network);
        if (order is not null)
        {
            EventTimeOrderState.Save(writer, order);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Save(SensorNetwork, EventTimeOrder?)"/> wrote, in this version or the one before. A shorter window than then keeps the newest rows.</summary>
    /// <exception cref="StateFormatException">Another version, or not such a state.</exception>
    public static (SensorNetwork Network, EventTimeOrder? Order) Load(string name, byte[] state, GraphFilterOptions options)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(state), Encoding.UTF8);
            if (reader.ReadUInt32() != Magic)
            {
                throw new StateFormatException("the state was not written by the graph filter; delete it or replay the topic");
            }

            var version = reader.ReadByte();
            if (version is not (Version or VersionWithOrder))
            {
                throw new StateFormatException(
                    $"the state of the graph filter has version {version}; this build reads version {Version} and version {VersionWithOrder}; replay the topic to rebuild it");
            }

            var network = Read(reader, options);
            var order = version == VersionWithOrder ? EventTimeOrderState.Read(reader, name, network) : null;
            return reader.BaseStream.Position == state.Length
                ? (network, order)
                : throw new StateFormatException($"the state of the graph filter has {state.Length - reader.BaseStream.Position} bytes too many; replay the topic to rebuild it");
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or OverflowException)
        {
            throw new StateFormatException($"the state of the graph filter is damaged ({state.Length} bytes: {e.Message}); replay the topic to rebuild it");
        }
    }

    /// <summary>An equal network that goes its own way.</summary>
    public static SensorNetwork Copy(SensorNetwork network)
    {
        using var bytes = new MemoryStream();
        Save(new BinaryWriter(bytes, Encoding.UTF8), network);
        bytes.Position = 0;
        return Read(new BinaryReader(bytes, Encoding.UTF8), network.Options);
    }

    public static void Save(BinaryWriter writer, SensorNetwork network)
    {
        writer.Write(network.Rows);
        writer.Write(network.RowsAtLastGraph);
        writer.Write(network.LateRows);
        writer.Write(network.LastTime);
        var window = network.Times.Length;
        var count = network.WindowCount;
        writer.Write(count);
        for (var row = network.Rows - count; row < network.Rows; row++)
        {
            writer.Write(network.Times[row % window]);
        }

        writer.Write(network.Tracks.Count);
        foreach (var track in network.Tracks)
        {
            writer.Write(track.Name);
            writer.Write(track.Level);
            writer.Write(track.Deviation);
            writer.Write(track.Readings);
            writer.Write(track.LastReading);
            writer.Write(track.SameReadings);
            for (var row = network.Rows - count; row < network.Rows; row++)
            {
                writer.Write(track.Innovations[row % window]);
            }
        }

        writer.Write(network.Model is not null);
        if (network.Model is { } model)
        {
            SaveModel(writer, model);
        }
    }

    public static SensorNetwork Read(BinaryReader reader, GraphFilterOptions options)
    {
        var network = new SensorNetwork(options)
        {
            Rows = reader.ReadInt64(),
            RowsAtLastGraph = reader.ReadInt64(),
            LateRows = reader.ReadInt64(),
            LastTime = reader.ReadInt64(),
        };
        var count = Count(reader, sizeof(long));
        if (network.Rows < count)
        {
            throw new FormatException($"{count} rows in the window of {network.Rows} rows");
        }

        var window = options.WindowRows;
        network.WindowCount = Math.Min(count, window);
        var oldest = network.Rows - count;
        for (var row = oldest; row < network.Rows; row++)
        {
            network.Times[row % window] = reader.ReadInt64();
        }

        var tracks = Count(reader, sizeof(double));
        for (var i = 0; i < tracks; i++)
        {
            var track = new SensorTrack(reader.ReadString(), window)
            {
                Level = reader.ReadDouble(),
                Deviation = reader.ReadDouble(),
                Readings = reader.ReadInt64(),
                LastReading = reader.ReadDouble(),
                SameReadings = reader.ReadInt64(),
            };
            for (var row = oldest; row < network.Rows; row++)
            {
                track.Put((int)(row % window), reader.ReadSingle());
            }

            network.Restore(track);
        }

        network.Model = reader.ReadBoolean() ? ReadModel(reader) : null;
        return network;
    }

    private static void SaveModel(BinaryWriter writer, LearnedModel model)
    {
        var size = model.Sensors.Length;
        writer.Write(size);
        foreach (var sensor in model.Sensors)
        {
            writer.Write(sensor);
        }

        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                writer.Write((float)model.Precision[(i * size) + j]);
            }
        }

        writer.Write((byte)model.Learner.Sign);
        writer.Write(model.Learner.Adam.Steps);
        foreach (var numbers in (double[][])[model.Learner.Adam.Logits, model.Learner.Adam.First, model.Learner.Adam.Second])
        {
            foreach (var number in numbers)
            {
                writer.Write((float)number);
            }
        }
    }

    private static LearnedModel ReadModel(BinaryReader reader)
    {
        var size = Count(reader, sizeof(byte));
        var sensors = new string[size];
        for (var i = 0; i < size; i++)
        {
            sensors[i] = reader.ReadString();
        }

        var precision = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                precision[(i * size) + j] = precision[(j * size) + i] = reader.ReadSingle();
            }
        }

        var sign = (FilterSign)reader.ReadByte();
        if (sign is not (FilterSign.LowPass or FilterSign.HighPass))
        {
            throw new FormatException($"filter sign {sign}");
        }

        var steps = reader.ReadInt64();
        var adam = new EdgeAdam(Singles(reader, size), Singles(reader, size), Singles(reader, size), steps);
        return new LearnedModel(sensors, precision, new GraphLearner(size, sign, withoutConstant: false, adam));
    }

    private static double[] Singles(BinaryReader reader, int vertices)
    {
        var numbers = new double[Edges.Count(vertices)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = reader.ReadSingle();
        }

        return numbers;
    }

    /// <summary>A count that the remaining bytes can hold at <paramref name="bytesEach"/> or more.</summary>
    public static int Count(BinaryReader reader, int bytesEach)
    {
        var count = reader.ReadInt32();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return count >= 0 && count <= Math.Min(left / bytesEach, 10_000_000)
            ? count
            : throw new FormatException($"a count of {count} with {left} bytes left");
    }
}

using System.Text;
using Streams.Processors.GraphFilter.Filling;
using Streams.Schemas;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// A network's state as bytes, little-endian. Version 6: magic, version, counters, times of the last rows, tracks, the filter with its learners, and the rows
/// that wait (<see cref="EventTimeOrderState"/>), if any. Version 5 had no weight of
/// a level for all, version 4 no filter in parts, version 3 one sort of level, no cycle and no autoregression;
/// versions 1 and 2 are read by <see cref="NetworkStateBefore3"/>.
/// </summary>
internal static partial class NetworkState
{
    private const uint Magic = 0x46475331;
    private const byte Version = 6;

    /// <summary>The first version with two sorts of level, a cycle and an autoregression.</summary>
    private const byte WithCycle = 4;

    private const byte WithOwnLevels = 6;

    public static byte[] Save(SensorNetwork network, EventTimeOrder? order)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Version);
        Save(writer, network);
        writer.Write(order is not null);
        if (order is not null)
        {
            EventTimeOrderState.Save(writer, order);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Save(SensorNetwork, EventTimeOrder?)"/> wrote, in this version or one before. A shorter window than then keeps the newest rows.</summary>
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
            if (version is < 1 or > Version)
            {
                throw new StateFormatException(
                    $"the state of the graph filter has version {version}; this build reads version 1 to version {Version}; replay the topic to rebuild it");
            }

            var network = Read(reader, options, version);
            var waits = version > NetworkStateBefore3.WithOrder ? reader.ReadBoolean() : version == NetworkStateBefore3.WithOrder;
            var order = waits ? EventTimeOrderState.Read(reader, name, network, version) : null;
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
        return Read(new BinaryReader(bytes, Encoding.UTF8), network.Options, Version);
    }

    public static void Save(BinaryWriter writer, SensorNetwork network)
    {
        writer.Write(network.Rows);
        writer.Write(network.RowsAtLastGraph);
        writer.Write(network.LateRows);
        writer.Write(network.LastTime);
        writer.Write(network.Interval);
        writer.Write(network.Within);
        var count = network.WindowCount;
        writer.Write(count);
        for (var row = network.Rows - count; row < network.Rows; row++)
        {
            writer.Write(network.Times[row % network.Times.Length]);
        }

        writer.Write(network.Renamed.Count);
        foreach (var (before, now) in network.Renamed)
        {
            writer.Write(before);
            writer.Write(now);
        }

        writer.Write(network.Alarms.Count);
        foreach (var alarm in network.Alarms)
        {
            writer.Write(EventTime.ToMicroseconds(alarm.Time));
            writer.Write(alarm.Statistic);
            writer.Write(alarm.Response);
        }

        writer.Write(network.Tracks.Count);
        foreach (var track in network.Tracks)
        {
            writer.Write(track.Name);
            writer.Write(network.Members.IndexOf(track));
            foreach (var number in (double[])[track.Mean, track.Last, track.LastReading, track.Variance, track.Cross, track.Square, track.ReadMean, .. track.Season])
            {
                writer.Write(number);
            }

            foreach (var number in (long[])[track.Readings, track.LastRow, track.SameReadings, track.Innovations])
            {
                writer.Write(number);
            }
        }

        writer.Write((double[])[.. network.LevelStacking.Moments, .. network.Season.Trust]);
        writer.Write(network.LevelStacking.Rows);
        writer.Write(network.OwnLevels.Moments);
        writer.Write(network.OwnLevels.Rows);
        if (network.Filter is { } filter)
        {
            SaveFilter(writer, filter);
            PublishedEdges.Save(writer, network.PublishedEdges);
        }
    }

    public static SensorNetwork Read(BinaryReader reader, GraphFilterOptions options, byte version)
    {
        if (version <= NetworkStateBefore3.WithOrder)
        {
            return NetworkStateBefore3.Read(reader, options);
        }

        var network = new SensorNetwork(options)
        {
            Rows = reader.ReadInt64(),
            RowsAtLastGraph = reader.ReadInt64(),
            LateRows = reader.ReadInt64(),
            LastTime = reader.ReadInt64(),
            Interval = reader.Finite(),
            Within = reader.Finite(),
        };
        ReadTimes(reader, network);
        for (var left = reader.Count(2); left > 0; left--)
        {
            network.Renamed.Add(reader.ReadString(), reader.ReadString());
        }

        for (var left = reader.Count(2 * sizeof(long)); left > 0; left--)
        {
            var time = reader.ReadInt64();
            network.Alarms.Add(time >= EventTime.MinMicroseconds && time <= EventTime.MaxMicroseconds
                ? new DriftAlarm(EventTime.FromMicroseconds(time), reader.Finite(), reader.ReadString())
                : throw new FormatException($"an alarm at {time} µs"));
        }

        ReadTracks(reader, network, version);
        if (version >= WithCycle)
        {
            reader.Fill(network.LevelStacking.Moments);
            reader.Fill(network.Season.Trust);
            network.LevelStacking.Rows = reader.ReadInt64();
        }

        if (version >= WithOwnLevels)
        {
            reader.Fill(network.OwnLevels.Moments);
            network.OwnLevels.Rows = reader.ReadInt64();
        }

        if (network.Members.Count > 0)
        {
            network.Filter = ReadFilter(reader, network, version);
            network.PublishedEdges = PublishedEdges.Read(reader, network.Members.Count);
        }

        return network;
    }

    /// <summary>Times of the last rows; of more than the window holds, the newest.</summary>
    public static int ReadTimes(BinaryReader reader, SensorNetwork network)
    {
        var count = reader.Count(sizeof(long));
        if (network.Rows < count)
        {
            throw new FormatException($"{count} rows in the window of {network.Rows} rows");
        }

        for (var row = network.Rows - count; row < network.Rows; row++)
        {
            network.Times[row % network.Times.Length] = reader.ReadInt64();
        }

        network.WindowCount = Math.Min(count, network.Times.Length);
        return count;
    }

    private static void ReadTracks(BinaryReader reader, SensorNetwork network, byte version)
    {
        var places = new SortedDictionary<int, SensorTrack>();
        for (var left = reader.Count(10 * sizeof(double)); left > 0; left--)
        {
            var track = new SensorTrack(reader.ReadString());
            var place = reader.ReadInt32();
            (track.Mean, track.Last, track.LastReading) = (reader.Finite(), reader.Finite(), reader.Finite());
            (track.Variance, track.Cross, track.Square) = (reader.Finite(), reader.Finite(), reader.Finite());
            track.ReadMean = version >= WithCycle ? reader.Finite() : track.Mean;
            if (version >= WithCycle)
            {
                reader.Fill(track.Season);
            }

            (track.Readings, track.LastRow, track.SameReadings, track.Innovations) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            if (track.Variance < 0 || track.Square < 0 || track.Readings < 0 || track.Innovations < 0 || track.LastRow > network.Rows)
            {
                throw new FormatException($"sensor '{track.Name}' has numbers that cannot be");
            }

            network.Restore(track);
            if (place >= 0)
            {
                places.Add(place, track);
            }
        }

        network.Members.AddRange(places.Values);
        if (places.Count > 0 && places.Last().Key != places.Count - 1)
        {
            throw new FormatException($"sensor {places.Last().Key} of {places.Count} in the graph");
        }
    }
}

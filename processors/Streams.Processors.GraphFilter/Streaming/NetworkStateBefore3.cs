using Streams.Processors.GraphFilter.Filling;
using Streams.Processors.GraphFilter.Learning;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// Versions 1 and 2 of a network's state, which had levels, deviations and a window of innovations. Levels and spreads are taken over, and the
/// rows of the window are learned from again, so that a network goes on with what it knew. The model that lay behind them is passed over.
/// </summary>
internal static class NetworkStateBefore3
{
    /// <summary>The version that could have rows that wait.</summary>
    public const byte WithOrder = 2;

    public static SensorNetwork Read(BinaryReader reader, GraphFilterOptions options)
    {
        var network = new SensorNetwork(options)
        {
            Rows = reader.ReadInt64(),
            RowsAtLastGraph = reader.ReadInt64(),
            LateRows = reader.ReadInt64(),
            LastTime = reader.ReadInt64(),
        };
        var rows = NetworkState.ReadTimes(reader, network);
        var innovations = new List<float[]>();
        for (var left = reader.Count(sizeof(double)); left > 0; left--)
        {
            var track = new SensorTrack(reader.ReadString()) { Mean = reader.ReadDouble() };
            (track.ReadMean, track.Last) = (track.Mean, track.Mean + reader.ReadDouble());
            (track.Readings, track.LastReading, track.SameReadings) = (reader.ReadInt64(), reader.ReadDouble(), reader.ReadInt64());
            if (!double.IsFinite(track.Last) || !double.IsFinite(track.LastReading) || track.Readings < 0)
            {
                throw new FormatException($"sensor '{track.Name}' has numbers that cannot be");
            }

            var ring = new float[rows];
            for (var row = 0; row < rows; row++)
            {
                ring[row] = reader.ReadSingle();
            }

            TakeOver(track, ring, network.Rows);
            network.Restore(track);
            innovations.Add(ring);
        }

        if (reader.ReadBoolean())
        {
            PassOverModel(reader);
        }

        if (network.WindowCount > 1)
        {
            network.Interval = (double)(network.LastTime - network.OldestTime) / (network.WindowCount - 1);
        }

        network.LearnAgain(innovations, Math.Min(rows, options.WindowRows));
        return network;
    }

    private static void TakeOver(SensorTrack track, float[] innovations, long rows)
    {
        track.LastRow = track.Readings > 0 ? rows - innovations.Length : 0;
        for (var row = 0; row < innovations.Length; row++)
        {
            if (float.IsFinite(innovations[row]))
            {
                track.Innovations++;
                track.Variance += (((double)innovations[row] * innovations[row]) - track.Variance) / track.Innovations;
                track.LastRow = rows - innovations.Length + row + 1;
            }
        }
    }

    private static void PassOverModel(BinaryReader reader)
    {
        var size = reader.Count(sizeof(byte));
        for (var i = 0; i < size; i++)
        {
            reader.ReadString();
        }

        Skip(reader, (long)size * (size + 1) / 2 * sizeof(float));
        var sign = (FilterSign)reader.ReadByte();
        if (sign is not (FilterSign.LowPass or FilterSign.HighPass))
        {
            throw new FormatException($"filter sign {sign}");
        }

        Skip(reader, sizeof(long) + (3L * Edges.Count(size) * sizeof(float)));
    }

    private static void Skip(BinaryReader reader, long bytes)
    {
        if (bytes > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new EndOfStreamException("the model ends early");
        }

        reader.BaseStream.Position += bytes;
    }
}

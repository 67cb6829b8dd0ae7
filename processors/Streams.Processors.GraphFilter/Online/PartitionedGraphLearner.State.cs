using System.Runtime.InteropServices;
using Streams.Schemas.Processing;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>The whole state as bytes, and sensors that join and leave.</summary>
public sealed partial class PartitionedGraphLearner
{
    private const uint Magic = 0x50475331;
    private const byte Version = 1;

    /// <summary>
    /// The whole state, little-endian: magic, version, counters, the common covariance, and the blocks with their learners. A restored learner goes on to
    /// the byte.
    /// </summary>
    public byte[] Save()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Sensors);
        writer.Write(Rows);
        writer.Write(_covariance.Count);
        writer.Write(_covariance.SquaredWeights);
        writer.Write(MemoryMarshal.AsBytes(_covariance.Lower));
        writer.Write(_blocks.Count);
        foreach (var block in _blocks)
        {
            writer.Write(block.Part.Members.Length);
            writer.Write(block.Part.Core);
            writer.Write(MemoryMarshal.AsBytes<int>(block.Part.Members));
            var learner = block.Learner.Save();
            writer.Write(learner.Length);
            writer.Write(learner);
        }

        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Save"/> wrote. Other options hold from here on; other <paramref name="partition"/> sizes from the next cut.</summary>
    /// <exception cref="StateFormatException">Not such a state, another version, or damaged.</exception>
    public static PartitionedGraphLearner Restore(ReadOnlySpan<byte> state, PartitionOptions? partition = null, OnlineOptions? options = null)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(state.ToArray()));
            var restored = Read(reader, partition, options);
            return reader.BaseStream.Position == state.Length
                ? restored
                : throw new FormatException($"{state.Length - reader.BaseStream.Position} bytes too many");
        }
        catch (Exception e) when (e is IOException or FormatException or OverflowException)
        {
            throw new StateFormatException(
                $"the state of a partitioned graph learner is damaged ({state.Length} bytes: {e.Message}); replay the topic to rebuild it");
        }
    }

    /// <summary>
    /// The same network with other sensors, in the order of the rows to come. Blocks go on with the sensors that stay; new ones are in blocks of their own
    /// until the next cut.
    /// </summary>
    /// <param name="places">
    /// For each sensor its number so far, or -1 for one that is new. A renamed sensor keeps its number; one that left has no place.
    /// </param>
    /// <exception cref="ArgumentException">No sensors, a place that is not there, or one taken twice.</exception>
    public void Adopt(ReadOnlySpan<int> places)
    {
        var kept = NetworkCut.Adopt([.. _blocks.Select(block => block.Part)], Sensors, places, _partition.BlockSize);
        _covariance = _covariance.Adopt(places, _covariance.MeanVariance());
        (_row, _filled, Sensors) = (new float[places.Length], new double[places.Length], places.Length);
        _blocks = [.. kept.Select(part => Adopt(part))];
    }

    private Block Adopt(KeptPart kept)
    {
        if (kept.Former < 0)
        {
            return new Block(kept.Part, new OnlineGraphLearner(kept.Part.Members.Length, _options));
        }

        var learner = _blocks[kept.Former].Learner;
        if (kept.Places.Length < learner.Sensors)
        {
            learner.Adopt(kept.Places);
        }

        return new Block(kept.Part, learner);
    }

    private static PartitionedGraphLearner Read(BinaryReader reader, PartitionOptions? partition, OnlineOptions? options)
    {
        if (reader.ReadUInt32() != Magic)
        {
            throw new StateFormatException("the state was not written by a partitioned graph learner; delete it or replay the topic");
        }

        if (reader.ReadByte() is var version && version != Version)
        {
            throw new StateFormatException(
                $"the state of a partitioned graph learner has version {version}; this build reads version {Version}; replay the topic to rebuild it");
        }

        var sensors = reader.ReadInt32();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        if (sensors < 1 || left < 2L * sensors * sensors)
        {
            throw new FormatException($"{sensors} sensors with {left} bytes left");
        }

        var learner = new PartitionedGraphLearner(sensors, partition, options) { Rows = reader.ReadInt64() };
        (learner._covariance.Count, learner._covariance.SquaredWeights) = (reader.ReadDouble(), reader.ReadDouble());
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(learner._covariance.Lower));
        for (var blocks = reader.ReadInt32(); blocks > 0; blocks--)
        {
            learner._blocks.Add(learner.ReadBlock(reader));
        }

        return learner;
    }

    private Block ReadBlock(BinaryReader reader)
    {
        var (count, core) = (reader.ReadInt32(), reader.ReadInt32());
        if (count < 1 || count > Sensors || core < 1 || core > count)
        {
            throw new FormatException($"a block of {core} and {count} sensors");
        }

        var members = new int[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(members.AsSpan()));
        var length = reader.ReadInt32();
        if (members.Any(member => member < 0 || member >= Sensors) || length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new FormatException("a block of sensors that are not there");
        }

        var learner = OnlineGraphLearner.Restore(reader.ReadBytes(length), _options);
        return learner.Sensors == count ? new Block(new NetworkPart(members, core), learner) : throw new FormatException($"a graph of {learner.Sensors} sensors for {count}");
    }
}

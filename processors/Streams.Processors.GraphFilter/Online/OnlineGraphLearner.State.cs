using System.Runtime.InteropServices;
using Streams.Processors.GraphFilter.Learning;
using Streams.Schemas.Processing;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>The whole state as bytes.</summary>
public sealed partial class OnlineGraphLearner
{
    private const uint Magic = 0x4F475331;
    private const byte Version = 1;

    /// <summary>
    /// The whole state, little-endian: magic, version, counters, covariances with their weights, optimiser, edges, drift test. Everything is
    /// written as it is worked with, so that a restored learner goes on to the byte.
    /// </summary>
    public byte[] Save()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Sensors);
        writer.Write(Rows);
        writer.Write(Learnings);
        writer.Write(Alarms);
        writer.Write(LastAlarm);
        writer.Write(_scale);
        writer.Write(_observedShare);
        writer.Write(_signDoubts);
        writer.Write(_bank.Members.Length);
        for (var k = 0; k < _bank.Members.Length; k++)
        {
            writer.Write(_bank.Weights[k]);
            _bank.Members[k].Save(writer);
        }

        writer.Write((byte)_optimiser.Sign);
        writer.Write(_optimiser.Steps);
        writer.Write(_optimiser.Fit);
        foreach (var numbers in (float[][])[_optimiser.Logits, _optimiser.First, _optimiser.Second, _optimiser.Model, _optimiser.Frequencies, _optimiser.Gains])
        {
            writer.Write(MemoryMarshal.AsBytes<float>(numbers));
        }

        writer.Write(_edges.Threshold);
        writer.Write(_edges.Updates);
        writer.Write(_edges.IsEdge);
        writer.Write(MemoryMarshal.AsBytes(_edges.Stability));
        writer.Write(_hasRoot);
        writer.Write(MemoryMarshal.AsBytes<float>(_hasRoot ? _root : []));
        writer.Write(_drift is null ? 0 : _drift.Reference.Length);
        if (_drift is not null)
        {
            _drift.Short.Save(writer);
            writer.Write(_drift.Expected);
            writer.Write(_drift.Tests);
            writer.Write(_drift.Statistic);
            writer.Write(MemoryMarshal.AsBytes(_drift.Reference));
        }

        return stream.ToArray();
    }

    /// <summary>
    /// Reads what <see cref="Save"/> wrote. Under other options it goes on as they say: a forgetting that was not there from the nearest one, a drift
    /// test with another rate or reference from its start.
    /// </summary>
    /// <exception cref="StateFormatException">Not such a state, another version, or damaged.</exception>
    public static OnlineGraphLearner Restore(ReadOnlySpan<byte> state, OnlineOptions? options = null)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(state.ToArray()));
            var restored = Read(reader, options);
            return reader.BaseStream.Position == state.Length
                ? restored
                : throw new StateFormatException(
                    $"the state of a graph learner has {state.Length - reader.BaseStream.Position} bytes too many; replay the topic to rebuild it");
        }
        catch (Exception e) when (e is IOException or FormatException or OverflowException)
        {
            throw new StateFormatException($"the state of a graph learner is damaged ({state.Length} bytes: {e.Message}); replay the topic to rebuild it");
        }
    }

    private static OnlineGraphLearner Read(BinaryReader reader, OnlineOptions? options)
    {
        if (reader.ReadUInt32() != Magic)
        {
            throw new StateFormatException("the state was not written by a graph learner; delete it or replay the topic");
        }

        var version = reader.ReadByte();
        if (version != Version)
        {
            throw new StateFormatException(
                $"the state of a graph learner has version {version}; this build reads version {Version}; replay the topic to rebuild it");
        }

        var sensors = reader.ReadInt32();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        if (sensors is < 1 or > MaxSensors || left < 10L * sensors * sensors)
        {
            throw new FormatException($"{sensors} sensors with {left} bytes left");
        }

        var learner = new OnlineGraphLearner(sensors, options)
        {
            Rows = reader.ReadInt64(),
            Learnings = reader.ReadInt64(),
            Alarms = reader.ReadInt64(),
            LastAlarm = reader.ReadInt64(),
        };
        learner._scale = reader.ReadDouble();
        learner._observedShare = reader.ReadDouble();
        learner._signDoubts = reader.ReadInt32();
        learner.ReadBank(reader);
        learner.ReadGraph(reader);
        learner.ReadDrift(reader);
        return learner;
    }

    /// <summary>A forgetting that was not there goes on from the nearest that was.</summary>
    private void ReadBank(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count is < 1 or > 8)
        {
            throw new FormatException($"{count} covariances");
        }

        var weights = new double[count];
        var saved = new RecursiveCovariance[count];
        for (var k = 0; k < count; k++)
        {
            weights[k] = reader.ReadDouble();
            saved[k] = RecursiveCovariance.Read(reader, Sensors);
        }

        var same = saved.Select(member => member.Forgetting).SequenceEqual(_bank.Members.Select(member => member.Forgetting));
        foreach (var member in _bank.Members)
        {
            member.Continue(saved.MinBy(other => Math.Abs(other.Forgetting - member.Forgetting))!);
        }

        _bank = new ForgettingBank(_bank.Members, same ? weights : _bank.Weights);
    }

    private void ReadGraph(BinaryReader reader)
    {
        _optimiser.Sign = (FilterSign)reader.ReadByte();
        if (!Enum.IsDefined(_optimiser.Sign))
        {
            throw new FormatException($"filter sign {_optimiser.Sign}");
        }

        _optimiser.Steps = reader.ReadInt64();
        _optimiser.Fit = reader.ReadDouble();
        foreach (var numbers in (float[][])[_optimiser.Logits, _optimiser.First, _optimiser.Second, _optimiser.Model, _optimiser.Frequencies, _optimiser.Gains])
        {
            Read(reader, numbers);
        }

        _edges.Threshold = reader.ReadDouble();
        _edges.Updates = reader.ReadInt64();
        reader.BaseStream.ReadExactly(_edges.IsEdge);
        Read(reader, _edges.Stability);
        _hasRoot = reader.ReadBoolean();
        if (_hasRoot)
        {
            var root = new float[RecursiveCovariance.Length(Sensors)];
            Read(reader, root);
            (_root, _hasRoot) = _root.Length > 0 ? (root, true) : (_root, false);
        }
    }

    /// <summary>A test with another rate or reference starts over.</summary>
    private void ReadDrift(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        if (length == 0)
        {
            return;
        }

        var covariance = RecursiveCovariance.Read(reader, Sensors);
        var (expected, tests, statistic) = (reader.ReadDouble(), reader.ReadInt64(), reader.ReadDouble());
        if (length < 0 || length > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(float))
        {
            throw new FormatException($"{length} statistics of the drift test");
        }

        var reference = new float[length];
        Read(reader, reference);
        if (_drift is not null && _drift.Short.Forgetting == covariance.Forgetting && _drift.Reference.Length == length)
        {
            _drift.Short.Continue(covariance);
            (_drift.Expected, _drift.Tests, _drift.Statistic) = (expected, tests, statistic);
            reference.CopyTo(_drift.Reference);
        }
    }

    private static void Read(BinaryReader reader, Span<float> numbers)
    {
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(numbers));
        foreach (var number in numbers)
        {
            if (!float.IsFinite(number))
            {
                throw new FormatException("a number that is not finite");
            }
        }
    }
}

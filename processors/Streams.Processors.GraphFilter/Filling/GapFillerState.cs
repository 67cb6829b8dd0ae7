using System.Runtime.InteropServices;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>A <see cref="GapFiller"/> with its learner as bytes, a part of the network's state: versions are that state's.</summary>
internal static class GapFillerState
{
    private const byte WithAutoregression = 4;
    private const byte WithScales = 5;

    public static void Save(BinaryWriter writer, GapFiller filler)
    {
        var learner = filler.Learner.Save();
        writer.Write(learner.Length);
        writer.Write(learner);
        writer.Write(MemoryMarshal.AsBytes<float>(filler.Temporal.Carried));
        var deviations = filler.Deviations;
        writer.Write(MemoryMarshal.AsBytes(deviations.Covariance.Lower));
        writer.Write((double[])
        [
            deviations.Covariance.Count, deviations.Covariance.SquaredWeights, deviations.ObservedShare, filler.Intervals.Factor,
            .. filler.Temporal.Shrinkage.Weights, .. filler.Spatial.Shrinkage.Weights, .. filler.Stacking.Network.Moments,
        ]);
        writer.Write(filler.Intervals.Rows);
        writer.Write(filler.Stacking.Network.Rows);
        writer.Write((double[])[.. filler.Autoregression.Past, .. filler.Autoregression.Products, .. filler.Autoregression.Trust]);
        writer.Write((double[])[.. filler.Stacking.Sums, filler.Temporal.Scale.Past, filler.Spatial.Scale.Past]);
        writer.Write(filler.Temporal.Scale.Rows);
        writer.Write(filler.Spatial.Scale.Rows);
    }

    /// <param name="reader">At what <see cref="Save"/> wrote.</param>
    /// <param name="sensors">Of which it must be.</param>
    /// <param name="options">That hold from here on.</param>
    /// <param name="version">Of the state.</param>
    /// <exception cref="FormatException">It is not of so many sensors, or damaged.</exception>
    public static GapFiller Read(BinaryReader reader, int sensors, FillingOptions options, byte version)
    {
        var learner = OnlineGraphLearner.Restore(reader.ReadBytes(reader.Count(1)), options.Learning);
        if (learner.Sensors != sensors)
        {
            throw new FormatException($"a graph of {learner.Sensors} sensors for {sensors}");
        }

        var filler = GapFiller.Start(learner, options);
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(filler.Temporal.Carried.AsSpan()));
        var deviations = filler.Deviations;
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(deviations.Covariance.Lower));
        foreach (var number in deviations.Covariance.Lower)
        {
            _ = float.IsFinite(number) ? number : throw new FormatException($"a covariance of {number}");
        }

        (deviations.Covariance.Count, deviations.Covariance.SquaredWeights) = (reader.Finite(), reader.Positive());
        (deviations.ObservedShare, filler.Intervals.Factor) = (reader.Positive(), reader.Positive());
        foreach (var weights in (double[][])[filler.Temporal.Shrinkage.Weights, filler.Spatial.Shrinkage.Weights])
        {
            for (var k = 0; k < weights.Length; k++)
            {
                weights[k] = reader.Positive();
            }
        }

        reader.Fill(filler.Stacking.Network.Moments);
        (filler.Intervals.Rows, filler.Stacking.Network.Rows) = (reader.ReadInt64(), reader.ReadInt64());
        if (version >= WithAutoregression)
        {
            reader.Fill(filler.Autoregression.Past);
            reader.Fill(filler.Autoregression.Products);
            reader.Fill(filler.Autoregression.Trust);
        }

        if (version >= WithScales)
        {
            reader.Fill(filler.Stacking.Sums);
            (filler.Temporal.Scale.Past, filler.Spatial.Scale.Past) = (reader.Positive(), reader.Positive());
            (filler.Temporal.Scale.Rows, filler.Spatial.Scale.Rows) = (reader.ReadInt64(), reader.ReadInt64());
        }

        return filler;
    }

    /// <summary>An equal one that goes its own way.</summary>
    public static GapFiller Copy(GapFiller filler, FillingOptions options)
    {
        using var bytes = new MemoryStream();
        Save(new BinaryWriter(bytes), filler);
        bytes.Position = 0;
        return Read(new BinaryReader(bytes), filler.Sensors, options, WithScales);
    }
}

using System.Runtime.InteropServices;
using Streams.Processors.GraphFilter.Filling;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>The filter with its learner.</summary>
internal static partial class NetworkState
{
    private static void SaveFilter(BinaryWriter writer, GapFiller filter)
    {
        var learner = filter.Graph.Learner.Save();
        writer.Write(learner.Length);
        writer.Write(learner);
        writer.Write(MemoryMarshal.AsBytes<float>(filter.Temporal.Carried));
        var deviations = filter.Deviations;
        writer.Write(MemoryMarshal.AsBytes(deviations.Covariance.Lower));
        foreach (var number in (double[])
            [deviations.Covariance.Count, deviations.Covariance.SquaredWeights, deviations.ObservedShare, filter.Intervals.Factor, .. filter.Temporal.Shrinkage.Weights, .. filter.Spatial.Shrinkage.Weights, .. filter.Stacking.Moments])
        {
            writer.Write(number);
        }

        writer.Write(filter.Intervals.Rows);
        writer.Write(filter.Stacking.Rows);
        Write(writer, [.. filter.Autoregression.Past, .. filter.Autoregression.Products, .. filter.Autoregression.Trust]);
    }

    private static void ReadFilter(BinaryReader reader, SensorNetwork network, byte version)
    {
        var bytes = reader.ReadBytes(Count(reader, 1));
        var first = SensorNetwork.Learning(network.Options, first: true);
        var learner = OnlineGraphLearner.Restore(bytes, first);
        if (learner.Sensors != network.Members.Count)
        {
            throw new FormatException($"a graph of {learner.Sensors} sensors for {network.Members.Count}");
        }

        if (learner.Learnings > 0)
        {
            learner = OnlineGraphLearner.Restore(bytes, SensorNetwork.Learning(network.Options, first: false));
        }

        var filter = GapFiller.Start(learner, SensorNetwork.DeviationForgetting(network.Options), network.Options.NoiseVariance);
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(filter.Temporal.Carried.AsSpan()));
        var deviations = filter.Deviations;
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(deviations.Covariance.Lower));
        foreach (var number in deviations.Covariance.Lower)
        {
            _ = float.IsFinite(number) ? number : throw new FormatException($"a covariance of {number}");
        }

        (deviations.Covariance.Count, deviations.Covariance.SquaredWeights) = (Finite(reader), Positive(reader));
        (deviations.ObservedShare, filter.Intervals.Factor) = (Positive(reader), Positive(reader));
        foreach (var weights in (double[][])[filter.Temporal.Shrinkage.Weights, filter.Spatial.Shrinkage.Weights])
        {
            for (var k = 0; k < weights.Length; k++)
            {
                weights[k] = Positive(reader);
            }
        }

        for (var k = 0; k < filter.Stacking.Moments.Length; k++)
        {
            filter.Stacking.Moments[k] = Finite(reader);
        }

        (filter.Intervals.Rows, filter.Stacking.Rows) = (reader.ReadInt64(), reader.ReadInt64());
        if (version >= WithCycle)
        {
            ReadInto(reader, filter.Autoregression.Past);
            ReadInto(reader, filter.Autoregression.Products);
            ReadInto(reader, filter.Autoregression.Trust);
        }

        network.Filter = filter;
    }

    private static double Positive(BinaryReader reader) => reader.ReadDouble() is var number && number is > 0 and < 1e300 ? number : throw new FormatException($"{number} where only positive numbers can be");

    private static double Finite(BinaryReader reader) => reader.ReadDouble() is var number && double.IsFinite(number) ? number : throw new FormatException($"the number {number}");

    private static void Write(BinaryWriter writer, ReadOnlySpan<double> numbers)
    {
        foreach (var number in numbers)
        {
            writer.Write(number);
        }
    }

    private static void ReadInto(BinaryReader reader, Span<double> numbers)
    {
        foreach (ref var number in numbers)
        {
            number = Finite(reader);
        }
    }
}

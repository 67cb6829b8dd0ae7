using Streams.Processors.GraphFilter.Online;
using Streams.Schemas.Processing;

namespace Streams.GraphFilter.Tests.Online;

public sealed class PartitionedStateTests
{
    private const int Size = 20;

    private static readonly PartitionOptions Blocks = new() { BlockSize = 8, Halo = 4, StartRows = 60, CutEvery = 60, Partners = 4, StartLearnings = 5 };
    private static readonly OnlineOptions Options = new() { Forgetting = 0.999, LearnEvery = 4 };

    [Fact]
    public void Restore_BeforeAndBetweenCuts_GoesOnToTheByte()
    {
        var stream = new NetworkStream(Size, 6);
        PartitionedGraphLearner straight = new(Size, Blocks, Options), restored = new(Size, Blocks, Options);
        for (var t = 0; t < 200; t++)
        {
            var row = stream.Next(0.1);
            straight.Add(row);
            if (t % 23 == 0)
            {
                restored = PartitionedGraphLearner.Restore(restored.Save(), Blocks, Options);
            }

            restored.Add(row);
        }

        Assert.NotEmpty(straight.Blocks);
        Assert.Equal(straight.Save(), restored.Save());
        Assert.Equal(straight.Edges(), restored.Edges());
    }

    [Fact]
    public void Adopt_SensorsJoinAndLeave_TheOthersKeepTheirEdges()
    {
        var stream = new NetworkStream(Size, 7);
        var learner = Fed(stream, 150);
        var before = learner.Edges();

        // The first sensor leaves, two new ones come in front.
        int[] places = [-1, -1, .. Enumerable.Range(1, Size - 1)];
        learner.Adopt(places);
        Assert.Equal(Size + 1, learner.Sensors);
        Assert.Equal(
            before.Where(edge => edge.From > 0).Select(edge => (edge.From + 1, edge.To + 1)),
            learner.Edges().Select(edge => (edge.From, edge.To)));
        Assert.Equal(Enumerable.Range(0, Size + 1), learner.Blocks.SelectMany(block => block).Order());

        for (var t = 0; t < 120; t++)
        {
            var row = stream.Next();
            learner.Add([row[0], double.NaN, .. row.Skip(1)]);
        }

        Assert.Equal(Enumerable.Range(0, Size + 1), learner.Blocks.SelectMany(block => block).Order());
        Assert.NotEmpty(learner.Edges());
    }

    [Fact]
    public void Adopt_PlaceTakenTwice_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new PartitionedGraphLearner(3, Blocks, Options).Adopt([0, 0]));

    [Fact]
    public void Restore_Damaged_SaysSo()
    {
        var state = Fed(new NetworkStream(Size, 8), 80).Save();
        for (var length = 0; length < state.Length; length += 97)
        {
            Assert.Throws<StateFormatException>(() => PartitionedGraphLearner.Restore(state.AsSpan(0, length), Blocks, Options));
        }

        Assert.Throws<StateFormatException>(() => PartitionedGraphLearner.Restore([.. state, 0], Blocks, Options));
        state[4] = 99;
        Assert.Contains("version 99", Assert.Throws<StateFormatException>(() => PartitionedGraphLearner.Restore(state, Blocks, Options)).Message, StringComparison.Ordinal);
    }

    private static PartitionedGraphLearner Fed(NetworkStream stream, int rows)
    {
        var learner = new PartitionedGraphLearner(Size, Blocks, Options);
        for (var t = 0; t < rows; t++)
        {
            learner.Add(stream.Next());
        }

        return learner;
    }
}

using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas.Processing;

namespace Streams.GraphFilter.Tests.Streaming;

public sealed class NetworkStateTests
{
    private static readonly byte[] Saved = Save();

    [Fact]
    public void Create_AnotherVersion_NamesBoth()
    {
        var state = Saved.ToArray();
        state[4] = 9;
        var refusal = Assert.Throws<StateFormatException>(() => Feed.Processor(state: state));
        Assert.Contains("version 9", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("version 6", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_SomethingElse_SaysSo() => Assert.Throws<StateFormatException>(() => Feed.Processor(state: "not a state of this processor"u8.ToArray()));

    [Fact]
    public void Create_EveryPrefix_IsRefused()
    {
        for (var length = 0; length < Saved.Length; length += 3)
        {
            Assert.Throws<StateFormatException>(() => Feed.Processor(state: Saved[..length]));
        }

        Assert.Throws<StateFormatException>(() => Feed.Processor(state: [.. Saved, 0]));
    }

    [Fact]
    public void Create_DamagedCounts_AreRefusedOrRead()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var state = Saved.ToArray();
            state[random.Next(5, state.Length)] = (byte)random.Next(256);
            try
            {
                _ = Feed.Processor(state: state);
            }
            catch (StateFormatException)
            {
                // The right answer to damage that shows.
            }
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(200)]
    public void Create_AnotherWindow_KeepsTheNewestRows(int window)
    {
        var rows = Feed.Drifting(90, 5, 0.1, 1);
        var processor = Feed.Processor(Feed.Quick with { WindowRows = window }, Saved);
        var output = processor.Apply([.. Feed.Records(rows, Feed.Names(5)).Skip(60)]);
        Assert.Empty(output.Rejections);
        var graph = output.Graphs()[^1];
        Assert.InRange(graph.Samples, 15, Math.Min(window, 40 + 30));
        Assert.Equal(graph.Samples - 1, (graph.End - graph.Start).Days);
    }

    [Fact]
    public void SaveState_OfANetworkOf151_FitsItsBudget()
    {
        var processor = Feed.Processor(new GraphFilterOptions { Iterations = 1, WarmIterations = 1, LearnEveryRows = 100 });
        processor.Apply(Feed.Records(Feed.Drifting(200, 151, 0, 2), Feed.Names(151), 50));
        Assert.InRange(processor.SaveState().Length, 300_000, 500_000);
    }

    private static byte[] Save()
    {
        var processor = Feed.Processor();
        processor.Apply(Feed.Records(Feed.Drifting(60, 5, 0.1, 1), Feed.Names(5)));
        return processor.SaveState();
    }
}

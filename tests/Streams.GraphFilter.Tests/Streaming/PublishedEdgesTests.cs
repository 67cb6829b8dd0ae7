using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas.Results;

namespace Streams.GraphFilter.Tests.Streaming;

public sealed class PublishedEdgesTests
{
    private const int Sensors = 8;

    /// <summary>Graphs are published early or not at all within these rows.</summary>
    private static readonly GraphFilterOptions Options = Feed.Quick with { UpdateEveryRows = 1_000, TestDriftEveryRows = 10_000, ChangeTolerance = 0.15 };

    [Fact]
    public void ApplyAsync_GraphThatChanges_IsPublishedEarlyAndEachFarFromTheOneBefore()
    {
        var records = Feed.Records(Feed.Drifting(150, Sensors, 0.05, 1), Feed.Names(Sensors), 3);

        var graphs = Feed.Processor(Options).Apply(records).Graphs();

        Assert.Single(Feed.Processor(Options with { ChangeTolerance = 1 }).Apply(records).Graphs());
        Assert.InRange(graphs.Count, 2, 20);
        Assert.All(graphs.Zip(graphs.Skip(1)), pair => Assert.True(PublishedEdges.Distance(Pairs(pair.First), Pairs(pair.Second)) > Options.ChangeTolerance));
    }

    /// <summary>
    /// A ring whose order changes: warm steps alone stay with the edges of before. The second order shares no neighbours with the first, and
    /// is no symmetry of it.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ApplyAsync_RingThatIsPutInAnotherOrder_IsLearnedAnew(int seed)
    {
        int[] before = [0, 1, 2, 3, 4, 5, 6, 7], after = [0, 2, 5, 1, 4, 7, 3, 6];
        var records = Feed.Records(Feed.Drifting(400, 0, seed, row => row < 150 ? before : after), Feed.Names(Sensors), 5);

        var graph = Feed.Processor(Options with { UpdateEveryRows = 8, ChangeTolerance = 1 }).Apply(records).Graphs()[^1];

        var ring = after.Select((sensor, place) => (sensor, Next: after[(place + 1) % Sensors]))
            .Select(pair => (Math.Min(pair.sensor, pair.Next) * Sensors) + Math.Max(pair.sensor, pair.Next)).Order().ToArray();
        Assert.True(PublishedEdges.Distance(ring, Pairs(graph)) < 0.4, string.Join(' ', graph.Edges.Select(edge => $"{edge.From}-{edge.To}")));
    }

    [Fact]
    public void ApplyAsync_RestartedAfterEachRecord_PublishesTheSameGraphs()
    {
        var records = Feed.Records(Feed.Drifting(120, Sensors, 0.05, 2), Feed.Names(Sensors), 5);
        var whole = Feed.Processor(Options);
        var expected = records.SelectMany(record => whole.Apply(record).Results).Select(draft => Convert.ToHexString(draft.Data)).ToList();

        byte[]? state = null;
        var found = new List<string>();
        foreach (var record in records)
        {
            var processor = Feed.Processor(Options, state);
            found.AddRange(processor.Apply(record).Results.Select(draft => Convert.ToHexString(draft.Data)));
            state = processor.SaveState();
        }

        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData(new int[0], new int[0], 0)]
    [InlineData(new[] { 1, 5 }, new[] { 1, 5 }, 0)]
    [InlineData(new[] { 1, 5 }, new[] { 2, 6 }, 1)]
    [InlineData(new[] { 1, 5, 9 }, new[] { 5, 9, 10 }, 0.5)]
    [InlineData(new int[0], new[] { 3 }, 1)]
    public void Distance_TwoSets_IsTheShareThatOnlyOneHas(int[] before, int[] now, double expected) =>
        Assert.Equal(expected, PublishedEdges.Distance(before, now), 1e-12);

    [Theory]
    [InlineData(null)]
    [InlineData(new int[0])]
    [InlineData(new[] { 0, 1, 27 })]
    public void Read_WhatWasSaved_IsTheSame(int[]? edges)
    {
        using var bytes = new MemoryStream();
        PublishedEdges.Save(new BinaryWriter(bytes), edges);
        bytes.Position = 0;
        Assert.Equal(edges, PublishedEdges.Read(new BinaryReader(bytes), Sensors));
    }

    [Fact]
    public void Read_PairBeyondTheGraph_IsRefused()
    {
        using var bytes = new MemoryStream();
        PublishedEdges.Save(new BinaryWriter(bytes), [28]);
        bytes.Position = 0;
        Assert.Contains("28", Assert.Throws<FormatException>(() => PublishedEdges.Read(new BinaryReader(bytes), Sensors)).Message, StringComparison.Ordinal);
    }

    private static int[] Pairs(LearnedGraph graph) => [.. graph.Edges.Select(edge => (edge.From * Sensors) + edge.To).Order()];
}

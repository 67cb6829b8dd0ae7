using Streams.Processors.GraphFilter.Online;

namespace Streams.GraphFilter.Tests.Online;

public sealed class ManyAndLargeNetworksTests
{
    /// <summary>Many networks in one call learn what each would alone.</summary>
    [Fact]
    public void BatchedLearning_AgreesWithEachAlone()
    {
        var alone = Enumerable.Range(0, 3).Select(_ => new OnlineGraphLearner(9, new OnlineOptions { Drift = null })).ToArray();
        var batch = Enumerable.Range(0, 3).Select(_ => new OnlineGraphLearner(9, new OnlineOptions { Drift = null, LearnEvery = 0 })).ToArray();
        var streams = Enumerable.Range(0, 3).Select(seed => new NetworkStream(9, seed)).ToArray();
        for (var t = 0; t < 150; t++)
        {
            for (var k = 0; k < 3; k++)
            {
                var row = streams[k].Next();
                alone[k].Add(row);
                batch[k].Add(row);
            }

            Assert.Equal(t < 11 ? 0 : 3, BatchedLearning.Learn(batch));
        }

        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(alone[k].Learnings, batch[k].Learnings);
            Assert.All(alone[k].Describe().Weights.Zip(batch[k].Describe().Weights), pair => Assert.Equal(pair.First, pair.Second, 0.02));
            Assert.Equal(alone[k].Fit, batch[k].Fit, 1e-3);
        }
    }

    [Fact]
    public void BatchedLearning_NetworksOfDifferentSizes_AreRefused()
    {
        var options = new OnlineOptions { LearnEvery = 0, MinRows = 2 };
        OnlineGraphLearner[] networks = [new(3, options), new(4, options)];
        foreach (var network in networks)
        {
            new NetworkStream(network.Sensors, 1).Feed(network, 5);
        }

        Assert.Throws<ArgumentException>(() => BatchedLearning.Learn(networks));
    }

    [Fact]
    public void Communities_TwoCliques_AreFoundAndBounded()
    {
        Dictionary<int, double> Clique(int i) => Enumerable.Range(0, 12).Where(j => j != i && (j < 6) == (i < 6)).ToDictionary(j => j, _ => 1.0);
        var links = Enumerable.Range(0, 12).Select(Clique).ToArray();
        links[0][6] = links[6][0] = 0.1;
        Assert.Equal([[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]], Communities.Find(links, 6).OrderBy(block => block[0]));
        Assert.All(Communities.Find(links, 4), block => Assert.InRange(block.Length, 1, 4));
        Assert.Equal(Enumerable.Range(0, 12), Communities.Find(links, 5).SelectMany(block => block).Order());
    }

    /// <summary>Two communities that a few edges join, in blocks of one each: nearly the graph that one learner finds.</summary>
    [Fact]
    public void Partitioned_TwoCommunities_FindsEdgesWithinAndAcross()
    {
        const int size = 24;
        var stream = new NetworkStream(size, 5);
        var learner = new PartitionedGraphLearner(
            size,
            new PartitionOptions { BlockSize = 12, Halo = 8, StartRows = 400, CutEvery = 400, Partners = 6 },
            new OnlineOptions { Forgetting = 0.9999, LearnEvery = 4, StepsPerLearning = 2 });
        for (var t = 0; t < 1_200; t++)
        {
            learner.Add(stream.Next(0.05));
        }

        Assert.InRange(learner.Blocks.Count, 2, 4);
        Assert.Equal(Enumerable.Range(0, size), learner.Blocks.SelectMany(block => block).Order());
        var found = learner.Edges().Select(edge => (edge.From, edge.To)).ToHashSet();
        int both = 0, all = found.Count;
        for (int i = 0, pair = 0; i < size; i++)
        {
            for (var j = i + 1; j < size; j++, pair++)
            {
                all += stream.Edges[pair] > 0 ? 1 : 0;
                both += stream.Edges[pair] > 0 && found.Contains((i, j)) ? 1 : 0;
            }
        }

        Assert.InRange(2.0 * both / all, 0.75, 1);
    }
}

using Streams.Processors.GraphFilter.Learning;

namespace Streams.GraphFilter.Tests.Learning;

public sealed class EdgeAdamTests
{
    [Fact]
    public void Step_ConstantGradient_MovesByTheLearningRateAndStopsAtTheBound()
    {
        var adam = new EdgeAdam([0, 0]);
        adam.Step(adam.Weights(), [4, -2]);
        Assert.Equal(-EdgeAdam.LearningRate, adam.Logits[0], 1e-6);
        Assert.Equal(EdgeAdam.LearningRate, adam.Logits[1], 1e-6);
        for (var i = 0; i < 2_000; i++)
        {
            adam.Step(adam.Weights(), [4, -2]);
        }

        Assert.Equal([-6, 6], adam.Logits);
    }

    /// <summary>Vertex c leaves, d comes, a and b change places: only the pair (a, b) is known, whichever way round.</summary>
    [Fact]
    public void Adopt_OtherVertices_CarriesKnownPairs()
    {
        var before = new EdgeAdam([1, 2, 3], [4, 5, 6], [7, 8, 9], 11); // ab, ac, bc
        var after = new EdgeAdam([-1, -2, -3]).Adopt(before, [1, 0, -1], 3); // b, a, d
        Assert.Equal([1, -2, -3], after.Logits);
        Assert.Equal([4, 0, 0], after.First);
        Assert.Equal([7, 0, 0], after.Second);
        Assert.Equal(11, after.Steps);
    }

    [Fact]
    public void Index_OfEveryPair_CountsUp()
    {
        var next = 0;
        for (var i = 0; i < 6; i++)
        {
            for (var j = i + 1; j < 6; j++)
            {
                Assert.Equal(next++, Edges.Index(i, j, 6));
            }
        }

        Assert.Equal(next, Edges.Count(6));
    }
}

using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Processors.GraphFilter.Online;

namespace Streams.GraphFilter.Tests.Online;

public sealed class OnlineGraphLearnerTests
{
    private static readonly OnlineOptions NoDrift = new() { Drift = null };

    [Theory]
    [InlineData("heat", FilterSign.LowPass, 0)]
    [InlineData("tikhonov", FilterSign.LowPass, 0.2)]
    public void Add_ManyRows_FindsTheGraph(string filter, FilterSign sign, double missing)
    {
        var stream = new NetworkStream(16, 1, filter: filter);
        var learner = new OnlineGraphLearner(16, NoDrift);
        stream.Feed(learner, 1_200, missing);
        Assert.Equal(sign, learner.Sign);
        Assert.InRange(stream.F1(learner), 0.9, 1);
    }

    [Fact]
    public void Add_HighPass_TellsTheSignFromTheConstantMode()
    {
        var stream = new NetworkStream(12, 2, filter: "high");
        var learner = new OnlineGraphLearner(12, NoDrift);
        stream.Feed(learner, 300);
        Assert.Equal(FilterSign.HighPass, learner.Sign);
    }

    /// <summary>S = FᵀF is not formed where nobody needs it: the step is the same.</summary>
    [Fact]
    public void Step_TowardsAFactor_IsTheStepTowardsItsRoot()
    {
        const int size = 20, count = size * size;
        var random = new Random(11);
        double[] factor = [.. Enumerable.Range(0, count).Select(_ => Synthetic.Normal(random))], root = new double[count];
        Lapack.MultiplySymmetric(true, false, size, factor, factor, root);
        GraphOptimiser one = new(size), other = new(size);
        one.Start(root, FilterSign.LowPass);
        other.Start(root, FilterSign.LowPass);
        var workspace = Workspace.For(size);
        for (var step = 0; step < 3; step++)
        {
            root.CopyTo(workspace.Matrix);
            one.Step(workspace, 0.05, withoutConstant: false);
            factor.CopyTo(workspace.Matrix);
            other.Step(workspace, 0.05, withoutConstant: false, factored: true);
        }

        Assert.Equal(one.Fit, other.Fit, 1e-9);
        Assert.All(one.Logits.Zip(other.Logits), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    /// <summary>The online optimum is the batch one on the same covariance.</summary>
    [Fact]
    public void Add_SteadyState_AgreesWithBatchOnTheSameCovariance()
    {
        var stream = new NetworkStream(16, 3);
        var learner = new OnlineGraphLearner(16, NoDrift);
        stream.Feed(learner, 1_500);
        var covariance = new double[256];
        learner.CopyCovariance(covariance);
        var batch = FigLearn.FromCovariance(covariance, 16);
        Assert.InRange(learner.Fit, 0, (1.05 * batch.Fit) + 0.005);
        Assert.InRange(stream.F1(learner), Synthetic.F1(stream.Edges, batch) - 0.03, 1);
    }

    [Fact]
    public void Add_WithoutGaps_CovarianceIsTheWeightedMean()
    {
        var random = new Random(4);
        var learner = new OnlineGraphLearner(3, new OnlineOptions { Drift = null, Forgetting = 0.9 });
        var expected = new double[9];
        for (var t = 1; t <= 60; t++)
        {
            double[] row = [Synthetic.Normal(random), Synthetic.Normal(random), Synthetic.Normal(random)];
            learner.Add(row);
            var gain = Math.Max(0.1, 1.0 / t);
            for (var i = 0; i < 9; i++)
            {
                expected[i] += gain * ((row[i / 3] * row[i % 3]) - expected[i]);
            }
        }

        var covariance = new double[9];
        learner.CopyCovariance(covariance);
        Assert.All(expected.Zip(covariance), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal(19, learner.EffectiveMemory, 0.1);
    }

    /// <summary>One row with gaps against C_mo C_oo⁻¹ x_o and C_mm - C_mo C_oo⁻¹ C_om of the covariance that stood before it.</summary>
    [Fact]
    public void Add_Gaps_EnterWithTheirConditionalMeanAndCovariance()
    {
        const int size = 6;
        var options = NoDrift with { LearnEvery = 0 };
        var learner = new OnlineGraphLearner(size, options);
        new NetworkStream(size, 5).Feed(learner, 50);
        double[] before = new double[36], model = new double[36], after = new double[36];
        learner.CopyCovariance(before);
        learner.CopyModel(model);
        var share = size / (size + (2 * learner.EffectiveMemory * learner.ObservedShare));
        var known = before.Zip(model, (c, m) => ((1 - share) * c) + (share * m)).ToArray();
        var mean = Enumerable.Range(0, size).Average(i => known[(i * size) + i]);
        for (var i = 0; i < size; i++)
        {
            known[(i * size) + i] += options.NoiseVariance * (known[(i * size) + i] + (1e-9 * mean));
        }

        int[] observed = [0, 2, 3, 5], missing = [1, 4];
        double[] row = [0.4, double.NaN, -0.3, 0.8, double.NaN, 0.1];
        var (filled, spread) = Conditional(known, size, row, observed, missing);
        learner.Add(row);
        learner.CopyCovariance(after);
        const double gain = 1.0 / 51;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                var extra = Array.IndexOf(missing, i) is var a and >= 0 && Array.IndexOf(missing, j) is var b and >= 0 ? spread[(a * 2) + b] : 0;
                Assert.Equal(before[(i * size) + j] + (gain * ((filled[i] * filled[j]) + extra - before[(i * size) + j])), after[(i * size) + j], 1e-5);
            }
        }
    }

    [Fact]
    public void Fill_ObservedEntriesStay_AndLearningDoesNotMove()
    {
        var stream = new NetworkStream(8, 6, filter: "tikhonov");
        var learner = new OnlineGraphLearner(8, NoDrift);
        stream.Feed(learner, 400);
        var state = learner.Save();
        double squares = 0, zero = 0;
        double[] mean = new double[8], variance = new double[8];
        for (var t = 0; t < 200; t++)
        {
            var row = stream.Next().ToArray();
            var truth = row[3];
            row[3] = double.NaN;
            learner.Fill(row, mean, variance);
            Assert.Equal(row[2], mean[2]);
            Assert.Equal(0, variance[2]);
            Assert.True(variance[3] > 0);
            squares += (mean[3] - truth) * (mean[3] - truth);
            zero += truth * truth;
        }

        Assert.InRange(squares / zero, 0, 0.8);
        Assert.InRange(squares / 200 / variance[3], 0.7, 1.4);
        Assert.Equal(state, learner.Save());
    }

    [Theory]
    [InlineData(double.NaN, 0)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(double.NegativeInfinity, 1)]
    [InlineData(1e200, 1)]
    public void Add_NumbersThatCannotBe_CountAsMissingAndAreReported(double value, int unusable)
    {
        var learner = new OnlineGraphLearner(4);
        var outcome = learner.Add([1, value, -1, 0.5]);
        Assert.Equal((3, 1 - unusable, unusable), (outcome.Observed, outcome.Missing, outcome.Unusable));
        Assert.Equal(0, learner.Add([double.NaN, value, double.NaN, double.NaN]).Observed);
        Assert.Equal(1, learner.Rows);
        var covariance = new double[16];
        learner.CopyCovariance(covariance);
        Assert.All(covariance, entry => Assert.True(double.IsFinite(entry)));
    }

    [Fact]
    public void Add_AnotherNumberOfValues_SaysWhatToDo()
    {
        var failure = Assert.Throws<ArgumentException>(() => new OnlineGraphLearner(3).Add([1, 2]));
        Assert.Contains("2 values for 3 sensors", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_DeadConstantAndDuplicateSensors_LeaveTheOthersGraph()
    {
        var stream = new NetworkStream(12, 7);
        var learner = new OnlineGraphLearner(15, NoDrift);
        var row = new double[15];
        for (var t = 0; t < 1_000; t++)
        {
            stream.Next().CopyTo(row, 0);
            row[14] = row[0];
            learner.Add(row);
        }

        int both = 0, wrong = 0;
        for (int i = 0, pair = 0; i < 12; i++)
        {
            Assert.False(learner.IsEdge(i, 12), "a dead sensor has no edges");
            for (var j = i + 1; j < 12; j++, pair++)
            {
                both += learner.IsEdge(i, j) && stream.Edges[pair] > 0 ? 1 : 0;
                wrong += learner.IsEdge(i, j) != stream.Edges[pair] > 0 ? 1 : 0;
            }
        }

        Assert.InRange(2.0 * both / ((2 * both) + wrong), 0.8, 1);
        Assert.False(Enumerable.Range(0, 14).Any(i => learner.IsEdge(i, 14)), "a copy has no edges");
        Assert.Contains("constant sensors, left out: 12, 13", learner.Describe().Notes);
        Assert.Contains("sensors that repeat another, left out: 14", learner.Describe().Notes);
    }

    [Fact]
    public void Add_OneSensor_HasAVarianceAndNoGraph()
    {
        var learner = new OnlineGraphLearner(1);
        for (var t = 0; t < 30; t++)
        {
            learner.Add([t % 2 == 0 ? 2 : double.NaN]);
        }

        var variance = new double[1];
        learner.CopyCovariance(variance);
        Assert.Equal(4, variance[0], 1e-5);
        var graph = learner.Describe();
        Assert.Empty(graph.Edges);
        Assert.Contains("one sensor has no graph", graph.Notes);
        Assert.Equal(learner.Save(), OnlineGraphLearner.Restore(learner.Save()).Save());
    }

    [Fact]
    public void Add_TwoRowsOnly_LearnsAndSaysThatItIsAGuess()
    {
        var learner = new OnlineGraphLearner(5, NoDrift with { MinRows = 2 });
        new NetworkStream(5, 8).Feed(learner, 2);
        var graph = learner.Describe();
        Assert.Equal(1, learner.Learnings);
        Assert.All(graph.Weights, weight => Assert.InRange(weight, 0, 1));
        Assert.Contains(graph.Notes, note => note.Contains("the graph is a guess", StringComparison.Ordinal));
    }

    [Fact]
    public void Add_RowsOfZeros_NeverLearns()
    {
        var learner = new OnlineGraphLearner(4);
        for (var t = 0; t < 40; t++)
        {
            learner.Add([0, 0, 0, 0]);
        }

        Assert.Equal(0, learner.Learnings);
        Assert.Contains(learner.Describe().Notes, note => note.Contains("nothing learned yet of 40 rows", StringComparison.Ordinal));
    }

    [Fact]
    public void Add_OtherUnits_GivesTheSameGraph()
    {
        NetworkStream stream = new(10, 9), again = new(10, 9);
        OnlineGraphLearner learner = new(10, NoDrift), scaled = new(10, NoDrift);
        stream.Feed(learner, 400, 0.1);
        for (var t = 0; t < 400; t++)
        {
            scaled.Add([.. again.Next(0.1).Select(value => 1024 * value)]);
        }

        static IEnumerable<(int, int)> Pairs(OnlineGraphLearner of) => of.Describe().Edges.Select(edge => (edge.From, edge.To)).Order();
        Assert.Equal(Pairs(learner), Pairs(scaled));
    }

    [Fact]
    public void Add_SensorsOfDifferentUnits_UnitVariancesFindTheGraph()
    {
        var stream = new NetworkStream(12, 10);
        var learner = new OnlineGraphLearner(12, NoDrift with { UnitVariances = true });
        for (var t = 0; t < 1_200; t++)
        {
            learner.Add([.. stream.Next(0.1).Select((value, i) => Math.Pow(10, i % 4) * value)]);
        }

        Assert.InRange(stream.F1(learner), 0.75, 1);
        double[] covariance = new double[144], model = new double[144];
        learner.CopyCovariance(covariance);
        learner.CopyModel(model);
        Assert.InRange(model[13 * 3] / covariance[13 * 3], 0.7, 1.4);
    }

    [Fact]
    public void Add_Candidates_MixesToTheLongerMemoryWhileNothingChanges()
    {
        var learner = new OnlineGraphLearner(10, NoDrift with { CandidateForgettings = [0.95, 0.998] });
        new NetworkStream(10, 11).Feed(learner, 800);
        Assert.InRange(learner.Forgetting, 0.99, 0.998);
    }

    [Fact]
    public void Constructor_OptionsOutOfRange_NamesThem()
    {
        var forgetting = Assert.Throws<ArgumentException>(() => new OnlineGraphLearner(3, new OnlineOptions { Forgetting = 1 }));
        Assert.Contains("Forgetting", forgetting.Message, StringComparison.Ordinal);
        var candidates = Assert.Throws<ArgumentException>(() => new OnlineGraphLearner(3, new OnlineOptions { CandidateForgettings = [0.9] }));
        Assert.Contains("[0.9]", candidates.Message, StringComparison.Ordinal);
        Assert.Contains("0 sensors", Assert.Throws<ArgumentException>(() => new OnlineGraphLearner(0)).Message, StringComparison.Ordinal);
    }

    /// <summary>Hot path: no allocation in steady state, gaps, tests, candidates and learning included.</summary>
    [Fact]
    public void Add_SteadyState_AllocatesNothing()
    {
        Assert.SkipUnless(Lapack.IsNative, "libtorch exports no LAPACK here: its tensors allocate");
        var stream = new NetworkStream(12, 12);
        var rows = Enumerable.Range(0, 64).Select(_ => stream.Next(0.2).ToArray()).ToArray();
        foreach (var options in (OnlineOptions[])[new(), new() { RootEvery = 3, StepsPerLearning = 2, CandidateForgettings = [0.99, 0.995] }])
        {
            var learner = new OnlineGraphLearner(12, options);
            foreach (var row in rows)
            {
                learner.Add(row);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var row in rows)
            {
                learner.Add(row);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static (double[] Mean, double[] Spread) Conditional(double[] covariance, int size, double[] row, int[] observed, int[] missing)
    {
        var block = observed.SelectMany(i => observed.Select(j => covariance[(i * size) + j])).ToArray();
        Assert.True(Cholesky.TryFactor(block, observed.Length));
        var mean = row.ToArray();
        var spread = new double[missing.Length * missing.Length];
        for (var a = 0; a < missing.Length; a++)
        {
            var weights = observed.Select(i => covariance[(missing[a] * size) + i]).ToArray();
            Cholesky.Solve(block, observed.Length, weights);
            mean[missing[a]] = observed.Select((i, place) => weights[place] * row[i]).Sum();
            for (var b = 0; b < missing.Length; b++)
            {
                spread[(a * missing.Length) + b] = covariance[(missing[a] * size) + missing[b]]
                    - observed.Select((i, place) => weights[place] * covariance[(missing[b] * size) + i]).Sum();
            }
        }

        return (mean, spread);
    }
}

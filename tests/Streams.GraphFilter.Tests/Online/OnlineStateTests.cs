using Streams.Processors.GraphFilter.Drift;
using Streams.Processors.GraphFilter.Online;
using Streams.Schemas.Processing;

namespace Streams.GraphFilter.Tests.Online;

public sealed class OnlineStateTests
{
    public static TheoryData<OnlineOptions> Kinds =>
    [
        new OnlineOptions(),
        new OnlineOptions { Drift = null, LearnEvery = 3, RootEvery = 4, StepsPerLearning = 2, UnitVariances = true },
        new OnlineOptions
        {
            CandidateForgettings = [0.98, 0.997],
            OnAlarm = AlarmResponse.FasterForgetting,
            Drift = new DriftOptions { TestEvery = 1, ReferenceTests = 32, Lag = 4, Threshold = 3 },
        },
    ];

    /// <summary>Saved and restored after any row, the learner goes on to the byte.</summary>
    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public void Restore_AfterAnyRow_GoesOnToTheByte(OnlineOptions options)
    {
        var stream = new NetworkStream(7, 1);
        OnlineGraphLearner straight = new(7, options), restored = new(7, options);
        for (var t = 0; t < 240; t++)
        {
            if (t == 150)
            {
                stream.Switch();
            }

            var row = stream.Next(0.2);
            var outcome = straight.Add(row);
            if (t < 40 || t % 7 == 0)
            {
                restored = OnlineGraphLearner.Restore(restored.Save(), options);
            }

            Assert.Equal(outcome, restored.Add(row));
        }

        Assert.Equal(straight.Save(), restored.Save());
        Assert.Equal(straight.Describe().Edges, restored.Describe().Edges);
    }

    [Fact]
    public void Restore_UnderOtherOptions_GoesOnFromTheNearest()
    {
        var stream = new NetworkStream(6, 2);
        var learner = new OnlineGraphLearner(6);
        stream.Feed(learner, 100);
        double[] before = new double[36], after = new double[36];
        learner.CopyCovariance(before);
        var other = OnlineGraphLearner.Restore(learner.Save(), new OnlineOptions { CandidateForgettings = [0.9, 0.99], RootEvery = 5, Drift = null });
        other.CopyCovariance(after);
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        stream.Feed(other, 50);
        Assert.Equal(150, other.Rows);
    }

    [Fact]
    public void Restore_Damaged_SaysSo()
    {
        var learner = new OnlineGraphLearner(5);
        new NetworkStream(5, 3).Feed(learner, 30);
        var state = learner.Save();
        for (var length = 0; length < state.Length; length += 13)
        {
            Assert.Throws<StateFormatException>(() => OnlineGraphLearner.Restore(state.AsSpan(0, length)));
        }

        Assert.Throws<StateFormatException>(() => OnlineGraphLearner.Restore([.. state, 0]));
        state[4] = 99;
        Assert.Contains("version 99", Assert.Throws<StateFormatException>(() => OnlineGraphLearner.Restore(state)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_SmallNetwork_IsSmall()
    {
        var learner = new OnlineGraphLearner(16, new OnlineOptions { Drift = null });
        new NetworkStream(16, 4).Feed(learner, 30);
        Assert.InRange(learner.Save().Length, 1, 4_000);
    }

    /// <summary>
    /// A state as version 1 wrote it, and the edges after the rows that followed; the file never changes. Set STREAMS_WRITE_GOLDEN to write it where
    /// there is none yet.
    /// </summary>
    [Fact]
    public void Restore_GoldenOfVersion1_GoesOnAsItsWriterDid()
    {
        var path = Path.Combine(Golden(), "learner-v1.state");
        var stream = new NetworkStream(8, 9);
        var learner = new OnlineGraphLearner(8);
        stream.Feed(learner, 60, 0.1);
        if (Environment.GetEnvironmentVariable("STREAMS_WRITE_GOLDEN") is not null && !File.Exists(path))
        {
            File.WriteAllBytes(path, learner.Save());
        }

        var restored = OnlineGraphLearner.Restore(File.ReadAllBytes(path));
        Assert.Equal((60, learner.Learnings), (restored.Rows, restored.Learnings));
        for (var row = 0; row < 60; row++)
        {
            var next = stream.Next(0.1);
            learner.Add(next);
            restored.Add(next);
        }

        Assert.Equal(learner.Describe().Edges.Select(edge => (edge.From, edge.To)).Order(), restored.Describe().Edges.Select(edge => (edge.From, edge.To)).Order());
        Assert.All(learner.Describe().Weights.Zip(restored.Describe().Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    private static string Golden()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "tests", "Streams.GraphFilter.Tests", "Golden");
    }
}

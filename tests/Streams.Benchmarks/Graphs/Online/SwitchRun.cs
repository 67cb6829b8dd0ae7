using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>One network whose graph is switched at half time, followed online, beside batch solutions on the same covariances.</summary>
internal sealed class SwitchRun
{
    public const int RowCount = 3_200;
    public const int Switch = RowCount / 2;

    /// <summary>Rows between two looks at the steady state.</summary>
    private const int SteadyStride = 80;

    /// <summary>Rows between two looks after the switch.</summary>
    private const int RecoveryStride = 16;

    private const int SteadyRows = 400;
    private const int BatchIterations = 150;

    private readonly List<double> _before = [];
    private readonly List<double> _end = [];
    private readonly List<double> _batchBefore = [];
    private readonly List<double> _batchEnd = [];

    /// <summary>F1 over the rows before the switch.</summary>
    public double Before => _before.Average();

    /// <summary>F1 over the last rows.</summary>
    public double End => _end.Average();

    public double BatchBefore => _batchBefore.Average();

    public double BatchEnd => _batchEnd.Average();

    /// <summary>Rows after the switch until F1 was at 90 % of that before it.</summary>
    public int Recovery { get; private set; } = RowCount - Switch;

    public int BatchRecovery { get; private set; } = RowCount - Switch;

    /// <summary>Sum of the online loss less the batch loss.</summary>
    public double Regret { get; private set; }

    public double BatchLoss { get; private set; }

    /// <summary>Rows from the switch to the first alarm after it.</summary>
    public int Delay { get; private set; } = int.MaxValue;

    public int AlarmsBefore { get; private set; }

    public double Memory { get; private set; }

    public static SwitchRun Measure(int sensors, int seed, double missing, OnlineOptions options, bool withBatch)
    {
        var run = new SwitchRun();
        var network = new SwitchingNetwork(sensors, seed);
        var learner = new OnlineGraphLearner(sensors, options);
        var row = new double[sensors];
        for (var t = 1; t <= RowCount; t++)
        {
            network.Next(t <= Switch ? 0 : 1, missing, row);
            run.Count(learner.Add(row), t);
            run.Look(network, learner, t, withBatch);
        }

        run.Memory = learner.EffectiveMemory;
        return run;
    }

    private void Count(RowOutcome outcome, int t)
    {
        if (outcome.Alarm && t <= Switch)
        {
            AlarmsBefore++;
        }
        else if (outcome.Alarm)
        {
            Delay = Math.Min(Delay, t - Switch);
        }
    }

    private void Look(SwitchingNetwork network, OnlineGraphLearner learner, int t, bool withBatch)
    {
        var steady = t % SteadyStride == 0 && (t > RowCount - SteadyRows || (t <= Switch && t > Switch - SteadyRows));
        var recovering = t > Switch && t % RecoveryStride == 0;
        if (!steady && !(recovering && (Recovery == RowCount - Switch || (withBatch && BatchRecovery == RowCount - Switch))))
        {
            return;
        }

        var graph = t <= Switch ? 0 : 1;
        var score = Online(network, learner, graph);
        if (steady)
        {
            (t <= Switch ? _before : _end).Add(score);
        }

        if (recovering && score >= 0.9 * Before)
        {
            Recovery = Math.Min(Recovery, t - Switch);
        }

        if (!withBatch || (!steady && BatchRecovery < RowCount - Switch))
        {
            return;
        }

        var covariance = new double[network.Sensors * network.Sensors];
        learner.CopyCovariance(covariance);
        var batch = FigLearn.FromCovariance(covariance, network.Sensors, new FigLearnOptions { Iterations = BatchIterations });
        var batchScore = network.F1(graph, pair => batch.Weights[pair] > batch.Threshold);
        if (steady)
        {
            var norm = Enumerable.Range(0, network.Sensors).Sum(i => covariance[(i * network.Sensors) + i]);
            (t <= Switch ? _batchBefore : _batchEnd).Add(batchScore);
            Regret += norm * ((learner.Fit * learner.Fit) - (batch.Fit * batch.Fit));
            BatchLoss += norm * batch.Fit * batch.Fit;
        }

        if (recovering && batchScore >= 0.9 * BatchBefore)
        {
            BatchRecovery = Math.Min(BatchRecovery, t - Switch);
        }
    }

    private static double Online(SwitchingNetwork network, OnlineGraphLearner learner, int graph)
    {
        var isEdge = new bool[network.Graphs[graph].Length];
        for (int i = 0, pair = 0; i < network.Sensors; i++)
        {
            for (var j = i + 1; j < network.Sensors; j++, pair++)
            {
                isEdge[pair] = learner.IsEdge(i, j);
            }
        }

        return network.F1(graph, pair => isEdge[pair]);
    }
}

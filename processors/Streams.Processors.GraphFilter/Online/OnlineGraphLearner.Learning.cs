using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>The learning itself, on its own clocks.</summary>
public sealed partial class OnlineGraphLearner
{
    /// <summary>Eigenvalues of the covariance below this share of the largest count as zero.</summary>
    private const double RootCut = 1e-6;

    /// <summary>See <see cref="OnlineOptions.LearnsEarly"/>.</summary>
    private const int EarlyShare = 10;

    /// <summary>Steps of a start from the data, enough to tell whether it leads to a better fit.</summary>
    private const int FreshSteps = 60;

    /// <summary>A fresh start takes over when its fit is below this share of the followed graph's.</summary>
    private const double FreshMargin = 0.98;

    /// <summary>Of this thread, for the networks that it updates: it starts over each time.</summary>
    [ThreadStatic]
    private static GraphOptimiser? _fresh;

    private bool LearningIsDue
    {
        get
        {
            var every = _options.LearnsEarly ? Math.Clamp(Rows / EarlyShare, Math.Min(1, _options.LearnEvery), _options.LearnEvery) : _options.LearnEvery;
            return Sensors > 1 && Rows >= _options.MinRows && every > 0 && Rows % every == 0;
        }
    }

    private bool Learn(Workspace workspace)
    {
        var root = workspace.Matrix[..(Sensors * Sensors)];
        var factored = false;
        if (RootIsDue)
        {
            if (!TryCovariance(workspace.Modes[..(Sensors * Sensors)]))
            {
                return false;
            }

            Factor(workspace, root);
            factored = _options.RootEvery == 1 && !_options.WithoutConstantMode && !FreshStartIsDue && AgreesWithSign(root);
            if (!factored)
            {
                var scaled = workspace.First[..root.Length];
                root.CopyTo(scaled);
                Lapack.MultiplySymmetric(true, false, Sensors, scaled, scaled, root);
                TakeRoot(root);
            }
        }
        else
        {
            Symmetric.Unpack(_root, Sensors, root);
        }

        var fresh = FreshStartIsDue ? FreshStart(root, workspace) : null;
        var steps = Learnings == 0 ? _options.FirstSteps ?? _options.StepsPerLearning : _options.StepsPerLearning;
        for (var step = 0; step < steps; step++)
        {
            _optimiser.Step(workspace, _options.LearningRate, _options.WithoutConstantMode, factored);
        }

        if (fresh?.Fit < FreshMargin * _optimiser.Fit)
        {
            _optimiser.GoOnFrom(fresh);
            _optimiser.Step(workspace, _options.LearningRate, _options.WithoutConstantMode);
        }

        _optimiser.KeepModel(workspace);
        FinishLearning(workspace);
        return true;
    }

    /// <summary>
    /// Twice in the memory of the covariance, and once it holds what came after an alarm, a start from the data is tried: after the network has changed,
    /// warm steps can lie in a minimum near the graph before and never leave it.
    /// </summary>
    private bool FreshStartIsDue
    {
        get
        {
            var settled = LastAlarm == 0 || _options.Drift is null ? -1 : Rows - LastAlarm - (long)(1 / _options.Drift.Rate);
            return Learnings > 0 && (Learnings % _freshEvery == 0 || (settled >= 0 && settled < _options.LearnEvery));
        }
    }

    private static int FreshEvery(OnlineOptions options)
    {
        var forgetting = options.CandidateForgettings.Append(options.CandidateForgettings.Count == 0 ? options.Forgetting : 0).Max();
        return Math.Max(8, (int)((1 + forgetting) / (1 - forgetting) / (2 * Math.Max(1, options.LearnEvery))));
    }

    private GraphOptimiser FreshStart(ReadOnlySpan<double> root, Workspace workspace)
    {
        var fresh = _fresh is { } used && used.Frequencies.Length == Sensors ? used : _fresh = new GraphOptimiser(Sensors);
        fresh.Start(root, _optimiser.Sign);
        for (var step = 0; step < FreshSteps; step++)
        {
            fresh.Step(workspace, _options.LearningRate, _options.WithoutConstantMode);
        }

        return fresh;
    }

    private bool RootIsDue => !_hasRoot || Learnings % _options.RootEvery == 0;

    /// <summary>The covariance that the root is taken of, as a square. False: no variance yet.</summary>
    private bool TryCovariance(Span<double> square)
    {
        Symmetric.Unpack(_bank.Lower, Sensors, square);
        return TryScale(square);
    }

    /// <summary>F with S = FᵀF the symmetric root of the covariance in the workspace's modes.</summary>
    private void Factor(Workspace workspace, Span<double> scaled)
    {
        Span<double> modes = workspace.Modes[..(Sensors * Sensors)], values = workspace.Vector(0)[..Sensors];
        workspace.Eigen(Sensors, values);
        var cut = RootCut * values[^1];
        for (var k = 0; k < Sensors; k++)
        {
            var factor = values[k] > cut ? Math.Sqrt(Math.Sqrt(values[k])) : 0;
            for (var i = 0; i < Sensors; i++)
            {
                scaled[(k * Sensors) + i] = factor * modes[(k * Sensors) + i];
            }
        }
    }

    /// <summary>Whether the graph goes on with its sign, told from F with S = FᵀF: then S itself is not needed.</summary>
    private bool AgreesWithSign(ReadOnlySpan<double> factor)
    {
        double sum = 0, trace = 0;
        for (var k = 0; k < Sensors; k++)
        {
            var along = 0d;
            foreach (var entry in factor.Slice(k * Sensors, Sensors))
            {
                along += entry;
                trace += entry * entry;
            }

            sum += along * along;
        }

        var told = SignOf(sum, trace);
        if (_optimiser.Sign == FilterSign.Auto || (told != FilterSign.Auto && told != _optimiser.Sign))
        {
            return false;
        }

        _signDoubts = 0;
        return true;
    }

    /// <summary>Takes a new root in: it may start the graph, or contradict its sign.</summary>
    private void TakeRoot(Span<double> root)
    {
        if (_options.WithoutConstantMode)
        {
            Centre(root);
        }

        FollowSign(root);
        if (_root.Length > 0)
        {
            Symmetric.Pack(root, Sensors, _root);
            Symmetric.Unpack(_root, Sensors, root);
            _hasRoot = true;
        }
    }

    private void FinishLearning(Workspace workspace)
    {
        if (_options.UnitVariances)
        {
            RescaleModel();
        }

        var weights = workspace.Pairs[..Edges.Count(Sensors)];
        _optimiser.Weights(weights);
        _edges.Update(weights, _options.EdgeHysteresis, _options.StabilityRate);
        Learnings++;
    }

    /// <summary>
    /// Scales to unit variances where asked for. A sensor that never moves or repeats an earlier one would spoil the fit of all: it is put in the
    /// place of an average one, with the others' mean variance and covariance, and so stays without edges of its own.
    /// </summary>
    private bool TryScale(Span<double> covariance)
    {
        var left = Workspace.For(Sensors).Integers[..Sensors];
        var used = FindUsable(covariance, left);
        if (used == 0)
        {
            return false;
        }

        double variance = 0, shared = 0;
        for (var i = 0; i < Sensors; i++)
        {
            var row = covariance.Slice(i * Sensors, Sensors);
            if (_options.UnitVariances && left[i] == 0)
            {
                var factor = 1 / Math.Sqrt(row[i]);
                for (var j = 0; j < Sensors; j++)
                {
                    row[j] *= factor;
                    covariance[(j * Sensors) + i] *= factor;
                }
            }
        }

        for (var i = 0; i < Sensors; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                if (left[i] == 0 && left[j] == 0)
                {
                    variance += i == j ? covariance[(i * Sensors) + j] / used : 0;
                    shared += i == j ? 0 : covariance[(i * Sensors) + j] / Math.Max(1, used * (used - 1) / 2);
                }
            }
        }

        for (var i = 0; i < Sensors && used < Sensors; i++)
        {
            for (var j = 0; j < Sensors; j++)
            {
                if (left[i] + left[j] > 0)
                {
                    covariance[(i * Sensors) + j] = i == j ? variance : shared;
                }
            }
        }

        return true;
    }

    /// <summary>Marks with 1 the sensors that never move and with 2 those that repeat an earlier one; returns how many are neither.</summary>
    private int FindUsable(ReadOnlySpan<double> covariance, Span<int> left)
    {
        var (mean, used) = (0d, 0);
        for (var i = 0; i < Sensors; i++)
        {
            mean += covariance[(i * Sensors) + i] / Sensors;
        }

        for (var i = 0; i < Sensors; i++)
        {
            var row = covariance.Slice(i * Sensors, Sensors);
            left[i] = row[i] <= Math.Max(DeadShare * mean, 1e-30) ? 1 : 0;
            for (var j = 0; j < i && left[i] == 0; j++)
            {
                left[i] = left[j] == 0 && row[j] * row[j] > RepeatShare * row[i] * covariance[(j * Sensors) + j] ? 2 : 0;
            }

            used += left[i] == 0 ? 1 : 0;
        }

        return used;
    }

    /// <summary>J S J with J = I - 11ᵀ/N.</summary>
    private void Centre(Span<double> root)
    {
        Span<double> means = stackalloc double[Sensors];
        var all = 0d;
        for (var i = 0; i < Sensors; i++)
        {
            var sum = 0d;
            foreach (var entry in root.Slice(i * Sensors, Sensors))
            {
                sum += entry;
            }

            means[i] = sum / Sensors;
            all += means[i] / Sensors;
        }

        for (var i = 0; i < Sensors; i++)
        {
            for (var j = 0; j < Sensors; j++)
            {
                root[(i * Sensors) + j] += all - means[i] - means[j];
            }
        }
    }

    /// <summary>
    /// 1ᵀS1/N is g(0) whatever the graph: above the mean gain means low-pass. A sign that the data
    /// contradict for long makes the graph start over.
    /// </summary>
    private void FollowSign(ReadOnlySpan<double> root)
    {
        var told = SignOf(root);
        if (_optimiser.Sign == FilterSign.Auto)
        {
            _optimiser.Start(root, told == FilterSign.Auto ? FilterSign.LowPass : told);
            return;
        }

        _signDoubts = told == FilterSign.Auto || told == _optimiser.Sign ? 0 : _signDoubts + 1;
        if (_signDoubts >= SignPatience)
        {
            _signDoubts = 0;
            _optimiser.Start(root, told);
        }
    }

    private FilterSign SignOf(ReadOnlySpan<double> root)
    {
        double sum = 0, trace = 0;
        for (var i = 0; i < Sensors; i++)
        {
            trace += root[(i * Sensors) + i];
            foreach (var entry in root.Slice(i * Sensors, Sensors))
            {
                sum += entry;
            }
        }

        return SignOf(sum, trace);
    }

    private FilterSign SignOf(double sum, double trace)
    {
        if (_options.Sign != FilterSign.Auto || _options.WithoutConstantMode)
        {
            return _options.Sign == FilterSign.Auto ? FilterSign.LowPass : _options.Sign;
        }

        return sum > trace * (1 + SignTolerance) ? FilterSign.LowPass : sum < trace * (1 - SignTolerance) ? FilterSign.HighPass : FilterSign.Auto;
    }

    /// <summary>The model of correlations, in the units of the rows.</summary>
    private void RescaleModel()
    {
        var covariance = _bank.Lower;
        for (int i = 0, at = 0; i < Sensors; i++)
        {
            for (var j = 0; j <= i; j++, at++)
            {
                _optimiser.Model[at] *= MathF.Sqrt(covariance[RecursiveCovariance.Index(i, i)]) * MathF.Sqrt(covariance[RecursiveCovariance.Index(j, j)]);
            }
        }
    }

    private float[] NewRoot(int sensors) => _options.RootEvery > 1 ? new float[RecursiveCovariance.Length(sensors)] : [];
}

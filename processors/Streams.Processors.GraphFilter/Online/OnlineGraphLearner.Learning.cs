using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>The learning itself, on its own clocks.</summary>
public sealed partial class OnlineGraphLearner
{
    private bool Learn(Workspace workspace)
    {
        var root = workspace.Matrix[..(Sensors * Sensors)];
        if (Learnings % _options.RootEvery == 0 || !_hasRoot)
        {
            if (!TryRoot(workspace))
            {
                return false;
            }

            FollowSign(root);
            if (_root.Length > 0)
            {
                Symmetric.Pack(root, Sensors, _root);
                _hasRoot = true;
            }
        }

        if (_root.Length > 0)
        {
            Symmetric.Unpack(_root, Sensors, root);
        }

        for (var step = 0; step < _options.StepsPerLearning; step++)
        {
            _optimiser.Step(workspace, _options.LearningRate, _options.WithoutConstantMode);
        }

        _optimiser.KeepModel(workspace);
        if (_options.UnitVariances)
        {
            RescaleModel();
        }

        var weights = workspace.First[..Edges.Count(Sensors)];
        _optimiser.Weights(weights);
        _edges.Update(weights, _options.EdgeHysteresis, _options.StabilityRate);
        Learnings++;
        return true;
    }

    /// <summary>S, the symmetric root of the covariance, into the workspace's matrix. False: no variance yet.</summary>
    private bool TryRoot(Workspace workspace)
    {
        var count = Sensors * Sensors;
        Span<double> modes = workspace.Modes[..count], scaled = workspace.First[..count], root = workspace.Matrix[..count], values = workspace.Vector(0)[..Sensors];
        Symmetric.Unpack(_bank.Lower, Sensors, modes);
        if (!TryScale(modes))
        {
            return false;
        }

        workspace.Eigen(Sensors, values);
        var cut = 1e-6 * values[^1];
        for (var k = 0; k < Sensors; k++)
        {
            var factor = values[k] > cut ? Math.Sqrt(Math.Sqrt(values[k])) : 0;
            for (var i = 0; i < Sensors; i++)
            {
                scaled[(k * Sensors) + i] = factor * modes[(k * Sensors) + i];
            }
        }

        Lapack.MultiplySymmetric(true, false, Sensors, scaled, scaled, root);
        if (_options.WithoutConstantMode)
        {
            Centre(root);
        }

        return true;
    }

    /// <summary>A sensor that never moves gets the others' mean variance and no covariance, so that it ends without edges instead of spoiling the fit.</summary>
    private bool TryScale(Span<double> covariance)
    {
        var mean = 0d;
        for (var i = 0; i < Sensors; i++)
        {
            mean += covariance[(i * Sensors) + i] / Sensors;
        }

        if (mean < 1e-30)
        {
            return false;
        }

        for (var i = 0; i < Sensors; i++)
        {
            var variance = covariance[(i * Sensors) + i];
            var dead = variance < DeadShare * mean;
            var factor = dead ? 0 : _options.UnitVariances ? 1 / Math.Sqrt(variance) : 1;
            if (factor != 1)
            {
                for (var j = 0; j < Sensors; j++)
                {
                    covariance[(i * Sensors) + j] *= factor;
                    covariance[(j * Sensors) + i] *= factor;
                }
            }

            if (dead)
            {
                covariance[(i * Sensors) + i] = _options.UnitVariances ? 1 : mean;
            }
        }

        return true;
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
    /// 1ᵀS1/N is g(0) whatever the graph, see <see cref="GraphLearner.SignOf"/>: above the mean gain means low-pass. A sign that the data
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
        if (_options.Sign != FilterSign.Auto || _options.WithoutConstantMode)
        {
            return _options.Sign == FilterSign.Auto ? FilterSign.LowPass : _options.Sign;
        }

        double sum = 0, trace = 0;
        for (var i = 0; i < Sensors; i++)
        {
            trace += root[(i * Sensors) + i];
            foreach (var entry in root.Slice(i * Sensors, Sensors))
            {
                sum += entry;
            }
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

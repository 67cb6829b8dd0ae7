using System.ComponentModel.DataAnnotations;
using Streams.Processors.GraphFilter.Drift;
using Streams.Processors.GraphFilter.Filling;
using Streams.Processors.GraphFilter.Learning;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// Learns the graph and the filter of one network row by row: x = g(L) w with white w. Rows are deviations from a level (their mean is taken
/// as 0); NaN is a gap. A row costs two eigendecompositions and about five products of the network's size when it learns, and no
/// allocation once the thread has met that size. Deterministic: equal rows give equal bytes, whatever was saved and restored in between.
/// Not for two threads at a time.
/// </summary>
public sealed partial class OnlineGraphLearner
{
    /// <summary>Readings beyond this would overflow their squares in float32.</summary>
    internal const double MaxReading = 1e15;

    /// <summary>Roots in a row that must show the other sign before the graph starts over with it.</summary>
    private const int SignPatience = 32;

    private const double SignTolerance = 0.02;

    /// <summary>Most sensors of one network: 4,096 take 0.6 GB of scratch memory a thread.</summary>
    public const int MaxSensors = 4_096;

    private readonly OnlineOptions _options;
    private readonly int _freshEvery;
    private float[] _row;
    private float[] _root;
    private GraphOptimiser _optimiser;
    private EdgeTracker _edges;
    private ForgettingBank _bank;
    private DriftDetector? _drift;
    private double _scale;
    private double _observedShare = 1;
    private int _signDoubts;
    private bool _hasRoot;

    /// <exception cref="ArgumentException">No sensors, or options out of their ranges.</exception>
    public OnlineGraphLearner(int sensors, OnlineOptions? options = null)
    {
        _options = Checked(options);
        _freshEvery = FreshEvery(_options);
        Sensors = sensors is > 0 and <= MaxSensors
            ? sensors
            : throw new ArgumentException($"{sensors} sensors; give 1 to {MaxSensors}, and a PartitionedGraphLearner beyond", nameof(sensors));
        (_row, _root) = (new float[sensors], NewRoot(sensors));
        (_optimiser, _edges) = (new GraphOptimiser(sensors), new EdgeTracker(sensors));
        _bank = ForgettingBank.Start(sensors, _options.CandidateForgettings.Count == 0 ? [_options.Forgetting] : _options.CandidateForgettings);
        _drift = _options.Drift is null ? null : new DriftDetector(sensors, _options.Drift);
    }

    /// <summary>Number of sensors.</summary>
    public int Sensors { get; private set; }

    /// <summary>Rows that counted: those with at least one reading.</summary>
    public long Rows { get; private set; }

    /// <summary>Learnings so far.</summary>
    public long Learnings { get; private set; }

    /// <summary>Low- or high-pass; <see cref="FilterSign.Auto"/> before the first learning.</summary>
    public FilterSign Sign => _optimiser.Sign;

    /// <summary>||g(L) - S||_F / ||S||_F at the last learning.</summary>
    public double Fit => _optimiser.Fit;

    /// <summary>Rows that the covariance amounts to.</summary>
    public double EffectiveMemory => _bank.EffectiveMemory;

    /// <summary>gamma in use.</summary>
    public double Forgetting => _bank.Forgetting;

    /// <summary>Share of the last rows' entries that were observed.</summary>
    public double ObservedShare => _observedShare;

    /// <summary>The drift test's last statistic: about 1 while nothing changes; 0 without a test.</summary>
    public double DriftStatistic => _drift?.Statistic ?? 0;

    /// <summary>Alarms of the drift test so far.</summary>
    public long Alarms { get; private set; }

    /// <summary><see cref="Rows"/> at the last alarm; 0: none.</summary>
    public long LastAlarm { get; private set; }

    /// <summary>Takes one row of <see cref="Sensors"/> deviations in; NaN where there is none.</summary>
    /// <exception cref="ArgumentException">Another number of values.</exception>
    public RowOutcome Add(ReadOnlySpan<double> row)
    {
        if (row.Length != Sensors)
        {
            throw new ArgumentException(
                $"{row.Length} values for {Sensors} sensors; give one a sensor, NaN where there is none, and Adopt other sensors first", nameof(row));
        }

        var workspace = Workspace.For(Sensors);
        Split(row, workspace, out var observed, out var missing, out var unusable);
        if (observed.Length == 0)
        {
            return new RowOutcome(0, missing.Length - unusable, unusable, false, false);
        }

        if (Sign == FilterSign.Auto)
        {
            FollowScale(observed);
        }

        _bank.Score(_row, observed, _optimiser.Model, _observedShare, _options.NoiseVariance, workspace);
        ReadOnlySpan<double> spread = [];
        if (missing.Length > 0)
        {
            MixInto(workspace.Matrix);
            GaussianFill.Fill(workspace.Matrix, _row, observed, missing, workspace.First, workspace.Second, workspace.Vector(0), workspace.Modes);
            spread = workspace.Modes;
        }

        Rows++;
        var gain = _bank.Add(_row, missing, spread);
        _observedShare += gain * (((double)observed.Length / Sensors) - _observedShare);
        var alarm = Test(missing, spread, workspace);
        var learns = LearningIsDue && Learn(workspace);
        return new RowOutcome(observed.Length, missing.Length - unusable, unusable, learns, alarm);
    }

    /// <summary>The conditional mean of the gaps of a row, and its variance there, without learning from it; observed entries stay, with variance 0.</summary>
    public void Fill(ReadOnlySpan<double> row, Span<double> mean, Span<double> variance)
    {
        if (row.Length != Sensors || mean.Length != Sensors || variance.Length != Sensors)
        {
            throw new ArgumentException(
                $"{row.Length} values, room for {mean.Length} and {variance.Length}, and {Sensors} sensors; give one a sensor", nameof(row));
        }

        var workspace = Workspace.For(Sensors);
        Split(row, workspace, out var observed, out var missing, out _);
        row.CopyTo(mean);
        variance.Clear();
        if (missing.Length > 0)
        {
            MixInto(workspace.Matrix);
            GaussianFill.Fill(workspace.Matrix, _row, observed, missing, workspace.First, workspace.Second, workspace.Vector(0), workspace.Modes);
            for (var a = 0; a < missing.Length; a++)
            {
                (mean[missing[a]], variance[missing[a]]) = (_row[missing[a]], workspace.Modes[(a * missing.Length) + a]);
            }
        }
    }

    /// <summary>Copies the recursive covariance, row-major.</summary>
    public void CopyCovariance(Span<double> covariance) => Symmetric.Unpack(_bank.Lower, Sensors, covariance);

    /// <summary>Copies the model's covariance g(L)², row-major; before the first learning the common mode.</summary>
    public void CopyModel(Span<double> covariance) => Symmetric.Unpack(_optimiser.Model, Sensors, covariance);

    private void Split(ReadOnlySpan<double> row, Workspace workspace, out ReadOnlySpan<int> observed, out ReadOnlySpan<int> missing, out int unusable)
    {
        Span<int> first = workspace.Integers[..Sensors], second = workspace.Integers[Sensors..];
        var (seen, gaps) = (0, 0);
        unusable = 0;
        for (var i = 0; i < Sensors; i++)
        {
            if (Math.Abs(row[i]) <= MaxReading)
            {
                (_row[i], first[seen++]) = ((float)row[i], i);
            }
            else
            {
                unusable += double.IsNaN(row[i]) ? 0 : 1;
                second[gaps++] = i;
            }
        }

        observed = first[..seen];
        missing = second[..gaps];
    }

    /// <summary>Before there is a model the common mode stands in for it, on the scale of the readings so far.</summary>
    private void FollowScale(ReadOnlySpan<int> observed)
    {
        var squares = 0d;
        foreach (var i in observed)
        {
            squares += (double)_row[i] * _row[i] / observed.Length;
        }

        _scale += (squares - _scale) / (Rows + 1);
        for (int i = 0, at = 0; i < Sensors; i++)
        {
            for (var j = 0; j <= i; j++, at++)
            {
                _optimiser.Model[at] = (float)(i == j ? _scale : CommonMode.Correlation * _scale);
            }
        }
    }

    /// <summary>The covariance that gaps are filled by: the recursive one shrunk towards the model.</summary>
    private void MixInto(Span<double> square) =>
        Symmetric.Mix(
            _bank.Lower, _optimiser.Model, ForgettingBank.ShareOf(_bank.EffectiveMemory * _observedShare, Sensors), _options.NoiseVariance, Sensors,
            square[..(Sensors * Sensors)]);

    private bool Test(ReadOnlySpan<int> missing, ReadOnlySpan<double> spread, Workspace workspace)
    {
        if (_drift is not { } drift)
        {
            return false;
        }

        drift.Add(_row, missing, spread);
        if (Rows % _options.Drift!.TestEvery != 0)
        {
            return false;
        }

        MixInto(workspace.Matrix);
        if (!drift.Test(workspace.Matrix, workspace.First))
        {
            return false;
        }

        (Alarms, LastAlarm) = (Alarms + 1, Rows);
        if (_options.OnAlarm == AlarmResponse.Reset)
        {
            _bank.Restart(drift.Short, 1 / _options.Drift.Rate);
        }
        else if (_options.OnAlarm == AlarmResponse.FasterForgetting)
        {
            _bank.Forget(1 / _options.Drift.Rate);
        }

        return true;
    }

    private static OnlineOptions Checked(OnlineOptions? options)
    {
        options ??= new OnlineOptions();
        var failures = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), failures, validateAllProperties: true)
            ? options
            : throw new ArgumentException(string.Join("; ", failures.Select(failure => failure.ErrorMessage)), nameof(options));
    }
}

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// One covariance, or several that forget at different rates, mixed with weights that follow how well each, shrunk towards the model, foretold
/// the observed entries of the last rows: log weights are discounted, and a share of the weight is spread evenly at each row, so that
/// none is ever beyond recall (fixed share: Herbster and Warmuth 1998).
/// </summary>
internal sealed class ForgettingBank
{
    /// <summary>What a row leaves of the log weights.</summary>
    private const double Discount = 0.97;

    /// <summary>Weight that is spread evenly at each row.</summary>
    private const double Spread = 1e-3;

    private readonly float[] _mixed;

    public ForgettingBank(RecursiveCovariance[] members, double[] weights)
    {
        (Members, Weights) = (members, weights);
        _mixed = members.Length == 1 ? [] : new float[members[0].Lower.Length];
        Mix();
    }

    public RecursiveCovariance[] Members { get; }

    public double[] Weights { get; }

    /// <summary>The covariance in use, lower triangle.</summary>
    public Span<float> Lower => Members.Length == 1 ? Members[0].Lower : _mixed;

    /// <summary>gamma in use: that of the memory that the mixture has.</summary>
    public double Forgetting => Average(member => member.Forgetting);

    /// <summary>Rows that the covariance in use amounts to.</summary>
    public double EffectiveMemory => Average(member => member.EffectiveMemory);

    public static ForgettingBank Start(int sensors, IReadOnlyList<double> forgettings)
    {
        var weights = new double[forgettings.Count];
        Array.Fill(weights, 1.0 / weights.Length);
        return new ForgettingBank([.. forgettings.Select(forgetting => new RecursiveCovariance(sensors, forgetting))], weights);
    }

    /// <summary>Scores the members by a row that they have not seen.</summary>
    public void Score(ReadOnlySpan<float> row, ReadOnlySpan<int> observed, ReadOnlySpan<float> model, double observedShare, double noise, Workspace workspace)
    {
        if (Members.Length == 1)
        {
            return;
        }

        var size = row.Length;
        Span<double> scores = stackalloc double[Members.Length];
        var best = double.NegativeInfinity;
        for (var k = 0; k < scores.Length; k++)
        {
            var covariance = workspace.Matrix[..(size * size)];
            Symmetric.Mix(Members[k].Lower, model, ShareOf(Members[k].EffectiveMemory * observedShare, size), noise, size, covariance);
            var (determinant, distance) = GaussianFill.Deviance(covariance, row, observed, workspace.First, workspace.Vector(0));
            scores[k] = (Discount * Math.Log(Weights[k])) - (0.5 * (determinant + distance));
            best = Math.Max(best, scores[k]);
        }

        var total = 0d;
        for (var k = 0; k < scores.Length; k++)
        {
            total += Weights[k] = Math.Exp(scores[k] - best);
        }

        for (var k = 0; k < scores.Length; k++)
        {
            Weights[k] = ((1 - Spread) * Weights[k] / total) + (Spread / scores.Length);
        }
    }

    /// <summary>Takes a whole row in, with the conditional covariance of its gaps; returns the gain of the mixture.</summary>
    public double Add(ReadOnlySpan<float> row, ReadOnlySpan<int> missing, ReadOnlySpan<double> spread)
    {
        var gain = 0d;
        for (var k = 0; k < Members.Length; k++)
        {
            var own = Members[k].Add(row);
            Members[k].AddSpread(own, missing, spread);
            gain += Weights[k] * own;
        }

        Mix();
        return gain;
    }

    /// <summary>rho = N / (N + 2T): the share of the model in a covariance of T rows.</summary>
    public static double ShareOf(double rows, int sensors) => sensors / (sensors + (2 * rows));

    public void Forget(double rows)
    {
        foreach (var member in Members)
        {
            member.Forget(rows);
        }
    }

    public void Restart(RecursiveCovariance from, double rows)
    {
        foreach (var member in Members)
        {
            member.Restart(from, rows);
        }

        Mix();
    }

    public ForgettingBank Adopt(ReadOnlySpan<int> places, double variance)
    {
        var members = new RecursiveCovariance[Members.Length];
        for (var k = 0; k < members.Length; k++)
        {
            members[k] = Members[k].Adopt(places, variance);
        }

        return new ForgettingBank(members, [.. Weights]);
    }

    private double Average(Func<RecursiveCovariance, double> of)
    {
        var sum = 0d;
        for (var k = 0; k < Members.Length; k++)
        {
            sum += Weights[k] * of(Members[k]);
        }

        return sum;
    }

    /// <summary>Mixes the members anew, after they were changed.</summary>
    public void Mix()
    {
        if (Members.Length == 1)
        {
            return;
        }

        Array.Clear(_mixed);
        for (var k = 0; k < Members.Length; k++)
        {
            var weight = (float)Weights[k];
            var lower = Members[k].Lower;
            for (var i = 0; i < _mixed.Length; i++)
            {
                _mixed[i] += weight * lower[i];
            }
        }
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// Warm steps down the commuting Wasserstein loss ||g(L) - S||_F² (Minder et al., arXiv 2010.15457), the filter in closed form: two
/// eigendecompositions a step with the root's, and about five products. State in float32, work in double in the thread's <see cref="Workspace"/>.
/// </summary>
internal sealed class GraphOptimiser(int sensors)
{
    /// <summary>
    /// Weights within .018 to .982. A logit further out would take as many more steps to come back when the graph changes, and the readings fix
    /// the weights only up to an affine map anyhow.
    /// </summary>
    private const float MaxLogit = 4;

    private const double Beta1 = 0.9;

    /// <summary>A hundred steps: with the usual thousand the steps after a change stay small for as long as its first slopes are remembered.</summary>
    private const double Beta2 = 0.99;

    public float[] Logits { get; } = new float[Edges.Count(sensors)];

    /// <summary>Adam's mean of the slopes.</summary>
    public float[] First { get; } = new float[Edges.Count(sensors)];

    /// <summary>Adam's mean of their squares.</summary>
    public float[] Second { get; } = new float[Edges.Count(sensors)];

    /// <summary>M = g(L)², lower triangle, of the last step.</summary>
    public float[] Model { get; } = new float[RecursiveCovariance.Length(sensors)];

    /// <summary>Eigenvalues of the Laplacian over their mean, at the last step.</summary>
    public float[] Frequencies { get; } = new float[sensors];

    /// <summary>g there.</summary>
    public float[] Gains { get; } = new float[sensors];

    public long Steps { get; set; }

    /// <summary><see cref="FilterSign.Auto"/>: not started.</summary>
    public FilterSign Sign { get; set; } = FilterSign.Auto;

    /// <summary>||g(L) - S||_F / ||S||_F at the last step.</summary>
    public double Fit { get; set; }

    /// <summary>A start from the data: to first order g(L) = a ∓ bL, so that the off-diagonal of S already ranks the pairs.</summary>
    public void Start(ReadOnlySpan<double> root, FilterSign sign)
    {
        (Sign, Steps) = (sign, 0);
        Array.Clear(First);
        Array.Clear(Second);
        double mean = 0, squares = 0;
        for (var i = 0; i < sensors; i++)
        {
            for (var j = i + 1; j < sensors; j++)
            {
                mean += root[(i * sensors) + j] / Logits.Length;
            }
        }

        for (var i = 0; i < sensors; i++)
        {
            for (var j = i + 1; j < sensors; j++)
            {
                var off = root[(i * sensors) + j] - mean;
                squares += off * off / Logits.Length;
            }
        }

        var scale = squares > 0 ? (sign == FilterSign.HighPass ? -1 : 1) / Math.Sqrt(squares) : 0;
        for (int i = 0, pair = 0; i < sensors; i++)
        {
            for (var j = i + 1; j < sensors; j++, pair++)
            {
                Logits[pair] = (float)Math.Clamp((root[(i * sensors) + j] - mean) * scale, -3, 3);
            }
        }
    }

    /// <summary>Goes on from where another one of as many sensors is; the model is kept until the next <see cref="KeepModel"/>.</summary>
    public void GoOnFrom(GraphOptimiser other)
    {
        (Sign, Steps, Fit) = (other.Sign, other.Steps, other.Fit);
        other.Logits.CopyTo(Logits, 0);
        other.First.CopyTo(First, 0);
        other.Second.CopyTo(Second, 0);
    }

    /// <summary>One step towards the root S in <see cref="Workspace.Matrix"/>, or towards S = FᵀF with F there: a product less than to form it.</summary>
    public void Step(Workspace workspace, double learningRate, bool withoutConstant, bool factored = false)
    {
        var count = sensors * sensors;
        Span<double> modes = workspace.Modes[..count], product = workspace.First[..count], spectrum = workspace.Second[..count];
        var frequencies = workspace.Vector(0)[..sensors];
        Laplacian(modes, workspace);
        workspace.Eigen(sensors, frequencies);
        Lapack.Multiply(false, factored, sensors, modes, workspace.Matrix, product);
        Lapack.MultiplySymmetric(false, true, sensors, product, factored ? product : modes, spectrum);
        var throughMean = FitFilter(spectrum, frequencies, workspace, withoutConstant);
        Lapack.Multiply(false, false, sensors, spectrum, modes, product);
        Lapack.MultiplySymmetric(true, false, sensors, modes, product, spectrum);
        Descend(spectrum, throughMean, learningRate, workspace);
    }

    /// <summary>
    /// Fits the filter to the diagonal of UᵀSU and overwrites that by the residual times the Loewner matrix; returns what the mean eigenvalue adds to
    /// the slope of every weight. The gains stay in the workspace, see <see cref="Gains"/>.
    /// </summary>
    public double FitFilter(Span<double> spectrum, Span<double> frequencies, Workspace workspace, bool withoutConstant)
    {
        Span<double> points = workspace.Vector(1)[..sensors], targets = workspace.Vector(2)[..sensors];
        Span<double> gains = workspace.Vector(3)[..sensors], slopes = workspace.Vector(4)[..sensors];
        var first = withoutConstant ? 1 : 0;
        var mean = 0d;
        // The constant vector is exactly an eigenvector of the eigenvalue 0.
        frequencies[0] = 0;
        foreach (var frequency in frequencies)
        {
            mean += frequency / sensors;
        }

        mean = Math.Max(mean, 1e-300);
        for (var i = 0; i < sensors; i++)
        {
            points[i] = Math.Max(0, frequencies[i] / mean);
            targets[i] = spectrum[(i * sensors) + i];
        }

        ExponentialMixture.Fit(points, targets, first, Sign, gains, slopes);
        for (var i = 0; i < sensors; i++)
        {
            (Frequencies[i], Gains[i]) = ((float)points[i], (float)gains[i]);
        }

        return 2 * Residual(spectrum, frequencies, points, gains, slopes, mean, first) / sensors;
    }

    /// <summary>Keeps M = g(L)² of the step that was just made.</summary>
    public void KeepModel(Workspace workspace)
    {
        var count = sensors * sensors;
        Span<double> modes = workspace.Modes[..count], scaled = workspace.First[..count], model = workspace.Second[..count];
        var gains = workspace.Vector(3);
        for (var i = 0; i < sensors; i++)
        {
            Scale(modes.Slice(i * sensors, sensors), gains[i], scaled.Slice(i * sensors, sensors));
        }

        Lapack.MultiplySymmetric(true, false, sensors, scaled, scaled, model);
        Symmetric.Pack(model, sensors, Model);
    }

    /// <summary>Other sensors: pairs of those that stay go on where they were, the others start half way between edge and none.</summary>
    public GraphOptimiser Adopt(ReadOnlySpan<int> places, double variance)
    {
        var adopted = new GraphOptimiser(places.Length) { Steps = Steps, Sign = Sign, Fit = Fit };
        Symmetric.Adopt(Model, places, variance, adopted.Model);
        for (int i = 0, pair = 0; i < places.Length; i++)
        {
            // Until the next step the response stands for as many modes as there are now.
            var mode = places.Length < 2 ? 0 : i * (sensors - 1) / (places.Length - 1);
            (adopted.Frequencies[i], adopted.Gains[i]) = (Frequencies[mode], Gains[mode]);
            for (var j = i + 1; j < places.Length; j++, pair++)
            {
                if (places[i] >= 0 && places[j] >= 0)
                {
                    var from = Edges.Index(Math.Min(places[i], places[j]), Math.Max(places[i], places[j]), sensors);
                    (adopted.Logits[pair], adopted.First[pair], adopted.Second[pair]) = (Logits[from], First[from], Second[from]);
                }
            }
        }

        return adopted;
    }

    /// <summary>The weights in (0, 1) of the present logits.</summary>
    public void Weights(Span<double> weights)
    {
        weights = weights[..Logits.Length];
        for (var pair = 0; pair < weights.Length; pair++)
        {
            weights[pair] = -Logits[pair];
        }

        var wide = MemoryMarshal.Cast<double, Vector<double>>(weights);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = Vector<double>.One / (Vector<double>.One + Vector.Exp(wide[i]));
        }

        for (var pair = wide.Length * Vector<double>.Count; pair < weights.Length; pair++)
        {
            weights[pair] = 1 / (1 + Math.Exp(weights[pair]));
        }
    }

    /// <summary>D - A of the present weights, which are left in the workspace's pairs.</summary>
    public void Laplacian(Span<double> laplacian, Workspace workspace)
    {
        var weights = workspace.Pairs;
        var degrees = workspace.Vector(5)[..sensors];
        Weights(weights);
        degrees.Clear();
        for (int i = 0, pair = 0; i < sensors; i++)
        {
            var row = laplacian.Slice(i * sensors, sensors);
            for (var j = i + 1; j < sensors; j++, pair++)
            {
                row[j] = -weights[pair];
                degrees[i] += weights[pair];
                degrees[j] += weights[pair];
            }

            row[i] = degrees[i];
        }

        Lapack.MirrorUpper(laplacian, sensors);
    }

    /// <summary>Overwrites UᵀSU by the residual times the Loewner matrix; returns the slope through the mean eigenvalue.</summary>
    private double Residual(
        Span<double> spectrum, ReadOnlySpan<double> frequencies, ReadOnlySpan<double> points, ReadOnlySpan<double> gains, ReadOnlySpan<double> slopes,
        double mean, int first)
    {
        var near = 1e-6 * Math.Max(frequencies[^1], 1e-300);
        double throughMean = 0, loss = 0, norm = 0;
        for (var i = 0; i < sensors; i++)
        {
            // g depends on lambda / mean(lambda): every eigenvalue also moves the mean.
            throughMean -= 2 * (gains[i] - spectrum[(i * sensors) + i]) * (slopes[i] / mean) * points[i];
            for (var j = 0; j <= i; j++)
            {
                var entry = spectrum[(i * sensors) + j];
                var residual = (i == j ? gains[i] : 0) - entry;
                var gap = frequencies[i] - frequencies[j];
                var divided = j < first ? 0 : Math.Abs(gap) > near ? (gains[i] - gains[j]) / gap : 0.5 * (slopes[i] + slopes[j]) / mean;
                spectrum[(i * sensors) + j] = 2 * residual * divided;
                loss += (i == j ? 1 : 2) * residual * residual;
                norm += (i == j ? 1 : 2) * entry * entry;
            }
        }

        Lapack.Mirror(spectrum, sensors);
        Fit = norm > 0 ? Math.Sqrt(loss / norm) : 0;
        return throughMean;
    }

    /// <summary>Adam (Kingma and Ba 2015) on the logits, from dF/dL and the weights that <see cref="Laplacian"/> left.</summary>
    public void Descend(ReadOnlySpan<double> gradient, double throughMean, double learningRate, Workspace workspace)
    {
        Steps++;
        var unbias1 = learningRate / (1 - Math.Pow(Beta1, Steps));
        var unbias2 = 1 / (1 - Math.Pow(Beta2, Steps));
        var weights = workspace.Pairs;
        var diagonal = workspace.Vector(5)[..sensors];
        for (var i = 0; i < sensors; i++)
        {
            diagonal[i] = gradient[(i * sensors) + i];
        }

        for (int i = 0, pair = 0; i < sensors; i++)
        {
            var row = gradient.Slice(i * sensors, sensors);
            var shared = diagonal[i] + throughMean;
            for (var j = i + 1; j < sensors; j++, pair++)
            {
                var slope = weights[pair] * (1 - weights[pair]) * (shared + diagonal[j] - (2 * row[j]));
                First[pair] = (float)((Beta1 * First[pair]) + ((1 - Beta1) * slope));
                Second[pair] = (float)((Beta2 * Second[pair]) + ((1 - Beta2) * slope * slope));
                var move = unbias1 * First[pair] / (Math.Sqrt(Second[pair] * unbias2) + 1e-12);
                Logits[pair] = Math.Clamp((float)(Logits[pair] - move), -MaxLogit, MaxLogit);
            }
        }
    }

    private static void Scale(ReadOnlySpan<double> numbers, double factor, Span<double> scaled)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            scaled[i] = factor * numbers[i];
        }
    }
}

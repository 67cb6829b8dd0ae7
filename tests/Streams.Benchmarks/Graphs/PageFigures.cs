namespace Streams.Benchmarks.Graphs;

/// <summary>
/// Means over ten graphs and 500 signals in tables T3 and T2 of ../shared/design/graph-filter.md, measured there with a numpy prototype on generators of its own.
/// </summary>
/// <param name="SchemeF1">The alternating scheme, edges above 1/2.</param>
/// <param name="SchemePrecision">Its average precision.</param>
/// <param name="ClosedF1">The closed form, Otsu.</param>
/// <param name="ClosedPrecision">Its average precision.</param>
/// <param name="SchemeFilter">||g - g(L)||_F / ||g(L)||_F after rounding, scheme.</param>
/// <param name="ClosedFilter">The same, closed form.</param>
/// <param name="EmpiricalCovariance">||C - C||_F / ||C||_F of the sample covariance.</param>
/// <param name="ClosedCovariance">The same, closed form.</param>
/// <param name="GlassoF1">Graphical lasso, penalty by the truth.</param>
/// <param name="GlassoPrecision">Its average precision.</param>
/// <param name="LogDegreeF1">Log-degree, natural threshold.</param>
/// <param name="LogDegreeOracleF1">Log-degree, threshold by the truth.</param>
/// <param name="LaplacianOtsuF1">CGL, Otsu.</param>
internal sealed record PageFigures(
    double SchemeF1,
    double SchemePrecision,
    double ClosedF1,
    double ClosedPrecision,
    double SchemeFilter,
    double ClosedFilter,
    double EmpiricalCovariance,
    double ClosedCovariance,
    double GlassoF1,
    double GlassoPrecision,
    double LogDegreeF1,
    double LogDegreeOracleF1,
    double LaplacianOtsuF1)
{
    private static readonly Dictionary<(string Family, int Vertices, string Filter), PageFigures> Table = new()
    {
        [("sbm", 20, "heat")] = new(0.987, 1.000, 0.988, 1.000, 0.038, 0.047, 0.168, 0.080, 0.983, 0.993, 0.966, 0.983, 0.950),
        [("er", 20, "heat")] = new(0.982, 0.999, 0.982, 0.999, 0.053, 0.060, 0.167, 0.098, 0.969, 0.985, 0.870, 0.971, 0.913),
        [("rgg", 20, "heat")] = new(0.984, 1.000, 0.991, 1.000, 0.038, 0.041, 0.168, 0.070, 0.984, 0.990, 0.891, 0.993, 0.917),
        [("sbm", 20, "tikhonov")] = new(0.990, 1.000, 0.994, 1.000, 0.046, 0.040, 0.070, 0.052, 0.975, 1.000, 0.912, 0.941, 0.885),
        [("er", 20, "tikhonov")] = new(0.912, 0.999, 0.988, 1.000, 0.047, 0.038, 0.065, 0.048, 0.946, 1.000, 0.875, 0.945, 0.880),
        [("rgg", 20, "tikhonov")] = new(0.979, 1.000, 0.998, 1.000, 0.035, 0.025, 0.086, 0.045, 0.974, 1.000, 0.895, 0.966, 0.865),
        [("sbm", 20, "poly")] = new(0.999, 1.000, 0.999, 1.000, 0.025, 0.028, 0.131, 0.055, 0.996, 0.998, 0.954, 0.976, 0.907),
        [("er", 20, "poly")] = new(0.999, 1.000, 0.998, 1.000, 0.021, 0.028, 0.133, 0.050, 0.988, 0.992, 0.917, 0.959, 0.634),
        [("rgg", 20, "poly")] = new(1.000, 1.000, 1.000, 1.000, 0.023, 0.023, 0.144, 0.043, 0.993, 0.997, 0.940, 0.996, 0.746),
        [("sbm", 20, "high")] = new(0.761, 0.855, 0.835, 0.925, 0.087, 0.078, 0.205, 0.143, 0.800, 0.959, 0.552, 0.574, 0.053),
        [("er", 20, "high")] = new(0.642, 0.725, 0.707, 0.776, 0.094, 0.091, 0.208, 0.176, 0.676, 0.788, 0.575, 0.589, 0.124),
        [("rgg", 20, "high")] = new(0.003, 0.189, 0.860, 0.941, 0.235, 0.083, 0.196, 0.151, 0.744, 0.936, 0.488, 0.515, 0.007),
        [("sbm", 50, "heat")] = new(0.982, 0.999, 0.984, 0.999, 0.069, 0.068, 0.241, 0.107, 0.966, 0.975, 0.828, 0.935, 0.838),
        [("er", 50, "heat")] = new(0.977, 0.998, 0.979, 0.998, 0.078, 0.068, 0.267, 0.116, 0.936, 0.983, 0.807, 0.954, 0.909),
        [("rgg", 50, "heat")] = new(0.979, 0.998, 0.984, 0.999, 0.084, 0.056, 0.265, 0.095, 0.975, 0.980, 0.918, 0.990, 0.836),
        [("sbm", 50, "tikhonov")] = new(0.751, 0.965, 0.954, 0.995, 0.119, 0.072, 0.079, 0.055, 0.893, 0.994, 0.786, 0.861, 0.827),
        [("er", 50, "tikhonov")] = new(0.840, 0.991, 0.978, 0.999, 0.122, 0.060, 0.101, 0.057, 0.881, 0.998, 0.757, 0.915, 0.916),
        [("rgg", 50, "tikhonov")] = new(0.961, 0.999, 0.996, 0.998, 0.056, 0.037, 0.146, 0.055, 0.963, 1.000, 0.875, 0.951, 0.792),
        [("sbm", 50, "poly")] = new(0.998, 1.000, 0.993, 1.000, 0.029, 0.054, 0.180, 0.077, 0.972, 0.987, 0.838, 0.887, 0.576),
        [("er", 50, "poly")] = new(1.000, 1.000, 0.997, 1.000, 0.024, 0.031, 0.227, 0.053, 0.989, 0.999, 0.795, 0.939, 0.823),
        [("rgg", 50, "poly")] = new(1.000, 1.000, 0.996, 1.000, 0.028, 0.028, 0.230, 0.043, 0.993, 0.993, 0.945, 0.989, 0.533),
        [("sbm", 50, "high")] = new(0.480, 0.483, 0.480, 0.482, 0.125, 0.122, 0.313, 0.236, 0.418, 0.514, 0.343, 0.362, 0.058),
        [("er", 50, "high")] = new(0.531, 0.575, 0.504, 0.577, 0.135, 0.128, 0.307, 0.245, 0.465, 0.581, 0.290, 0.303, 0.026),
        [("rgg", 50, "high")] = new(0.718, 0.900, 0.824, 0.915, 0.126, 0.097, 0.293, 0.170, 0.597, 0.811, 0.225, 0.358, 0.001),
        [("sbm", 100, "heat")] = new(0.971, 0.996, 0.944, 0.992, 0.105, 0.107, 0.341, 0.164, 0.936, 0.974, 0.720, 0.921, 0.845),
        [("rgg", 100, "heat")] = new(0.823, 0.998, 0.977, 0.998, 0.195, 0.065, 0.369, 0.109, 0.975, 0.976, 0.913, 0.989, 0.881),
        [("sbm", 100, "tikhonov")] = new(0.589, 0.938, 0.856, 0.973, 0.190, 0.132, 0.102, 0.073, 0.844, 0.985, 0.667, 0.862, 0.848),
        [("rgg", 100, "tikhonov")] = new(0.985, 0.994, 0.985, 0.990, 0.072, 0.069, 0.202, 0.075, 0.958, 1.000, 0.889, 0.947, 0.850),

        // Table T2, the paper's final setting: F1 alone. The scheme ran 1,500 iterations there.
        [(GraphFamily.Paper, 30, "heat")] = new(0.971, double.NaN, 0.969, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.937, double.NaN, 0.86, 0.966, 0.949),
        [(GraphFamily.Paper, 50, "heat")] = new(0.984, double.NaN, 0.984, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.945, double.NaN, 0.876, 0.889, 0.615),
        [(GraphFamily.Paper, 70, "heat")] = new(0.977, double.NaN, 0.955, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.917, double.NaN, 0.862, 0.863, 0.338),
        [(GraphFamily.Paper, 30, "norm")] = new(0.915, double.NaN, 0.926, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.463, double.NaN, 0.81, 0.927, 0.865),
        [(GraphFamily.Paper, 50, "norm")] = new(0.682, double.NaN, 0.693, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.43, double.NaN, 0.739, 0.769, 0.687),
        [(GraphFamily.Paper, 70, "norm")] = new(0.568, double.NaN, 0.659, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.541, double.NaN, 0.727, 0.757, 0.505),
        [(GraphFamily.Paper, 30, "high")] = new(0.791, double.NaN, 0.776, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.69, double.NaN, 0.333, 0.351, 0.004),
        [(GraphFamily.Paper, 50, "high")] = new(0.438, double.NaN, 0.46, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.478, double.NaN, 0.458, 0.47, 0.149),
        [(GraphFamily.Paper, 70, "high")] = new(0.354, double.NaN, 0.392, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0.564, double.NaN, 0.566, 0.572, 0.224),
    };

    public static PageFigures? Of(string family, int vertices, string filter) => Table.GetValueOrDefault((family, vertices, filter));

    /// <summary>F1 of a method of <see cref="GraphMethod"/>.</summary>
    public double? F1(string method) => method switch
    {
        GraphMethod.ClosedForm or "relaxed" => ClosedF1,
        GraphMethod.Published => SchemeF1,
        "glasso" => GlassoF1,
        "log-degree" => LogDegreeF1,
        "log-degree-oracle" => LogDegreeOracleF1,
        "cgl-otsu" => LaplacianOtsuF1,
        _ => null,
    };

    public double? Precision(string method) => method switch
    {
        GraphMethod.ClosedForm or "relaxed" => ClosedPrecision,
        GraphMethod.Published => SchemePrecision,
        "glasso" => GlassoPrecision,
        _ => null,
    };

    public double? FilterError(string method) => method switch
    {
        GraphMethod.ClosedForm or "relaxed" => ClosedFilter,
        GraphMethod.Published => SchemeFilter,
        _ => null,
    };

    public double? CovarianceError(string method) => method switch
    {
        GraphMethod.ClosedForm or "relaxed" => ClosedCovariance,
        "empirical" => EmpiricalCovariance,
        _ => null,
    };
}

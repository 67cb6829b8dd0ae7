namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// How far out whole rows lie: calm and rough weather have the same correlations but not the same variance. The squared scale of a row is the posterior
/// mean of the common factor of its variances, given its squared distance d² = xᵀP⁻¹x from its expectation and the mean of the rows before, so that a row
/// has a multivariate t distribution (Lange, Little and Taylor 1989).
/// </summary>
internal sealed class RowScale
{
    /// <summary>Observed entries that the rows before count for.</summary>
    private const double Freedom = 60;

    private const double Rate = 0.1;
    private const double Limit = 50;

    /// <summary>Rows that the first ones are averaged with, as if of scale 1.</summary>
    private const double FirstRows = 2;

    /// <summary>Exponentially weighted mean of d² / o over the rows so far.</summary>
    public double Past { get; set; } = 1;

    public long Rows { get; set; }

    /// <summary>Squared scale of a row with so many observed entries.</summary>
    public double Of(double distance, int observed) => Clamp(((Freedom * Past) + distance) / (Freedom + observed));

    /// <summary>The same, as it would be without one of the observed entries, which added <paramref name="own"/> to the distance.</summary>
    public double Without(double own, double distance, int observed) => Clamp(((Freedom * Past) + distance - own) / (Freedom + observed - 1));

    /// <summary>-2 log density of the row but for a constant, of its distance and the logarithm of the determinant of its covariance.</summary>
    public double Deviance(double logDeterminant, double distance, int observed) =>
        logDeterminant + ((Freedom + observed) * Math.Log(1 + (distance / (Freedom * Past))));

    public void Learn(double distance, int observed) =>
        Past += Math.Max(Rate, 1 / (++Rows + FirstRows)) * (Clamp(distance / observed) - Past);

    private static double Clamp(double squared) => Math.Clamp(squared, 1 / Limit, Limit);
}

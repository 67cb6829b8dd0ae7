namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// The prior before anything is learned: standardised readings share one common mode, K = r 11ᵀ + (1 - r) I. It is far better than
/// independence when most readings are missing.
/// </summary>
internal static class CommonMode
{
    /// <summary>r, the correlation of any two sensors.</summary>
    public const double Correlation = 0.5;
}

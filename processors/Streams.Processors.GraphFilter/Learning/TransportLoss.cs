namespace Streams.Processors.GraphFilter.Learning;

/// <summary>How far the model's covariance is from that of the readings.</summary>
public enum TransportLoss
{
    /// <summary>||g(L) - S||_F²: the Wasserstein distance if both commuted, never below it. Cheaper, and as good.</summary>
    Commuting,

    /// <summary>The Wasserstein (Bures) distance between the Gaussians: tr C + tr g² - 2 ||g S||_*.</summary>
    Bures,
}

namespace Streams.Processors.GraphFilter.Online;

/// <summary>What becomes of the covariance when the network is found to have changed.</summary>
public enum AlarmResponse
{
    /// <summary>Nothing but the report.</summary>
    Report,

    /// <summary>The drift test's short covariance takes its place, and the memory grows again from there.</summary>
    Reset,

    /// <summary>It stays, and the gain jumps to that of the short memory and falls again as rows come.</summary>
    FasterForgetting,
}

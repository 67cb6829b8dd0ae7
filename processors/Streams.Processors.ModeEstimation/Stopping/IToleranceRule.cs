namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>Decides when the leader is as good as the mode, within a tolerance epsilon. An exact tie, which no other rule ever settles, ends so.</summary>
internal interface IToleranceRule
{
    /// <summary>Whether the leader is sure to be within the tolerance of the mode.</summary>
    bool IsReached { get; }

    /// <summary>Leader count at which that would be so if nothing but the leader's label comes.</summary>
    long LeaderNeeded { get; }
}

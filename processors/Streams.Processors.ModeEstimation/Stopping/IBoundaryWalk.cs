namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>Finds a*(b), the least leader count at which a rule stops while the runner-up has b, for one b after the other.</summary>
internal interface IBoundaryWalk
{
    /// <summary>a*(b) for the b of the last <see cref="AdvanceTo"/>, at first 0.</summary>
    long Needed { get; }

    /// <summary>Moves on to a runner-up with <paramref name="runnerUp"/> labels, no fewer than before.</summary>
    void AdvanceTo(long runnerUp);

    /// <summary>A walk of its own that goes on from here.</summary>
    IBoundaryWalk Copy();
}

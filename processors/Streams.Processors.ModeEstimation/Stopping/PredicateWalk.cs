namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>The walk of a rule that is known by its condition alone: tried count by count.</summary>
/// <param name="isReached">Whether the rule stops at (leader, runner-up); once true it stays so as the leader's count rises, and it may turn false as the runner-up's does.</param>
internal sealed class PredicateWalk(Func<long, long, bool> isReached) : IBoundaryWalk
{
    private long _b = -1;

    public long Needed { get; private set; } = 1;

    public static PredicateWalk Start(Func<long, long, bool> isReached)
    {
        var walk = new PredicateWalk(isReached);
        walk.AdvanceTo(0);
        return walk;
    }

    public void AdvanceTo(long runnerUp)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runnerUp, _b);
        for (; _b < runnerUp; _b++)
        {
            while (!isReached(Needed, _b + 1))
            {
                Needed++;
            }
        }
    }

    public IBoundaryWalk Copy() => (PredicateWalk)MemberwiseClone();
}

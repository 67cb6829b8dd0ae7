namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>a*(b) for the b of one task, which never falls: from the shared table while b is in it, by a walk of its own beyond.</summary>
internal sealed class LeaderBoundary(BoundaryTable table)
{
    private IBoundaryWalk? _beyond;

    public long Needed(long runnerUp)
    {
        if (runnerUp < BoundaryTable.MaxEntries)
        {
            return table[runnerUp];
        }

        _ = table[BoundaryTable.MaxEntries - 1];
        _beyond ??= table.WalkOn();
        _beyond.AdvanceTo(runnerUp);
        return _beyond.Needed;
    }
}

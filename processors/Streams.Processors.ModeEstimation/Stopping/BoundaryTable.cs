using System.Collections.Concurrent;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// The entries a*(0), a*(1), ... of a walk, shared by all tasks that judge alike, so that a label costs a look-up and a task costs
/// a reference. A memo of a pure function: what it holds depends on nothing but its key. Read without a lock, extended under one.
/// </summary>
internal sealed class BoundaryTable
{
    /// <summary>4 MB of entries; a task whose runner-up has more labels walks on by itself.</summary>
    public const int MaxEntries = 1 << 20;

    /// <summary>Different tables kept. Beyond that all are dropped and made anew; tasks keep those they hold.</summary>
    private const int MaxTables = 1024;

    private static readonly ConcurrentDictionary<(string Statistic, Ratio Threshold), BoundaryTable> s_tables = new();

    private readonly Lock _extending = new();
    private readonly IBoundaryWalk _walk;

    /// <summary>Replaced as a whole by whoever holds the lock; its entries never change.</summary>
    private volatile int[] _needed = [];

    private BoundaryTable(IBoundaryWalk walk) => _walk = walk;

    /// <summary>The table of the statistic called <paramref name="statistic"/> against <paramref name="threshold"/>.</summary>
    /// <param name="statistic">Name of the statistic.</param>
    /// <param name="threshold">What it must reach.</param>
    /// <param name="start">Makes its walk.</param>
    public static BoundaryTable For(string statistic, Ratio threshold, Func<Ratio, IBoundaryWalk> start)
    {
        if (s_tables.Count >= MaxTables)
        {
            s_tables.Clear();
        }

        return s_tables.GetOrAdd((statistic, threshold), static (key, make) => new BoundaryTable(make(key.Threshold)), start);
    }

    /// <summary>a*(<paramref name="runnerUp"/>), below <see cref="MaxEntries"/>.</summary>
    public long this[long runnerUp]
    {
        get
        {
            var needed = _needed;
            return runnerUp < needed.Length ? needed[runnerUp] : Extend(runnerUp);
        }
    }

    /// <summary>A walk from the end of the table on.</summary>
    public IBoundaryWalk WalkOn()
    {
        lock (_extending)
        {
            return _walk.Copy();
        }
    }

    private long Extend(long runnerUp)
    {
        lock (_extending)
        {
            var known = _needed.Length;
            if (runnerUp >= known)
            {
                var longer = new int[Math.Min(MaxEntries, Math.Max(2 * known, (int)runnerUp + 16))];
                _needed.CopyTo(longer, 0);
                for (var b = known; b < longer.Length; b++)
                {
                    _walk.AdvanceTo(b);
                    longer[b] = checked((int)_walk.Needed);
                }

                _needed = longer;
            }

            return _needed[runnerUp];
        }
    }
}

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>Finds the leader count at which a condition comes true, in so many trials as its logarithm.</summary>
internal static class LeaderSearch
{
    /// <summary>Least count above <paramref name="leader"/> at which <paramref name="isReached"/>, which stays true once it is.</summary>
    public static long Find(long leader, Func<long, bool> isReached)
    {
        var (low, high) = (0L, 1L);
        while (!isReached(leader + high))
        {
            (low, high) = (high, 2 * high);
        }

        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = isReached(leader + middle) ? (low, middle) : (middle, high);
        }

        return leader + high;
    }
}

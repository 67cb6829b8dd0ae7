using Streams.Schemas.Results;

namespace Streams.Dashboard.Live;

/// <summary>One result in a run's live log. All readers of this process share it.</summary>
/// <param name="Sequence">Its place in the log, from 1, without gaps.</param>
/// <param name="Result">The result.</param>
/// <param name="Json">The same as stored.</param>
internal sealed record LiveEntry(long Sequence, ResultRecord Result, byte[] Json)
{
    // Written by whichever request is first.
    private int _delivered;

    /// <summary>True for the first reader that is given it.</summary>
    public bool IsFirstDelivery() => Interlocked.Exchange(ref _delivered, 1) == 0;
}

using System.Text;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Live;

/// <summary>One result in a run's live log. All readers of this process share it.</summary>
/// <param name="Sequence">Its place in the log, from 1, without gaps.</param>
/// <param name="Result">The result.</param>
/// <param name="Json">The same as stored.</param>
internal sealed record LiveEntry(long Sequence, ResultRecord Result, byte[] Json)
{
    // Both written by whichever request is first; of two that make the frame at once either stays.
    private int _delivered;
    private volatile Frame? _frame;

    /// <summary>True for the first reader that is given it.</summary>
    public bool IsFirstDelivery() => Interlocked.Exchange(ref _delivered, 1) == 0;

    /// <summary>As a server-sent event, whose id is <paramref name="cursor"/>: made once for all who are sent it.</summary>
    public ReadOnlyMemory<byte> ToEvent(LiveCursor cursor)
    {
        var frame = _frame;
        if (frame?.Serving != cursor.Serving)
        {
            // Results are JSON on one line.
            _frame = frame = new Frame(cursor.Serving, [.. Encoding.UTF8.GetBytes($"id: {cursor}\ndata: "), .. Json, .. "\n\n"u8]);
        }

        return frame.Bytes;
    }

    private sealed record Frame(long Serving, byte[] Bytes);
}

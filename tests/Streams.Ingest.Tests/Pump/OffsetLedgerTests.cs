using CsCheck;
using Streams.Ingest.Pump;

namespace Streams.Ingest.Tests.Pump;

public sealed class OffsetLedgerTests
{
    // Offsets with gaps, and the order in which they are done.
    private static readonly Gen<(long Start, long[] Offsets, int[] Order)> Histories =
        from start in Gen.Long[0, 1_000_000]
        from gaps in Gen.Int[0, 3].Array[0, 40]
        from order in Gen.Shuffle(Enumerable.Range(0, gaps.Length).ToArray())
        select (start, Offsets(start, gaps), order);

    [Fact]
    public void Watermark_AnyCompletionOrder_NeverPassesAnOpenOffsetAndEndsAtPosition() => Histories.Sample(
        history =>
        {
            var ledger = new OffsetLedger(history.Start);
            foreach (var offset in history.Offsets)
            {
                ledger.Track(offset);
            }

            var open = new SortedSet<long>(history.Offsets);
            foreach (var index in history.Order)
            {
                ledger.Complete(history.Offsets[index]);
                open.Remove(history.Offsets[index]);
                var expected = open.Count > 0 ? open.Min : history.Offsets[^1] + 1;
                if (ledger.Watermark != expected || ledger.Outstanding != open.Count)
                {
                    return false;
                }
            }

            return open.Count == 0 && ledger.Watermark == (history.Offsets.Length == 0 ? history.Start : history.Offsets[^1] + 1);
        },
        iter: 10_000);

    [Fact]
    public void Watermark_TrackingAndCompletionInterleaved_EqualsTheModel() => Gen.Select(Histories, Gen.Int[1, 5]).Sample(
        (history, stride) =>
        {
            var ledger = new OffsetLedger(history.Start);
            var open = new SortedSet<long>();
            var next = 0;
            var done = new Queue<int>(history.Order);
            var last = history.Start;
            while (next < history.Offsets.Length || done.Count > 0)
            {
                for (var i = 0; i < stride && next < history.Offsets.Length; i++, next++)
                {
                    ledger.Track(history.Offsets[next]);
                    open.Add(history.Offsets[next]);
                }

                // Completes the next of the order that is tracked; the others wait.
                for (var turn = done.Count; turn > 0; turn--)
                {
                    var index = done.Dequeue();
                    if (index < next)
                    {
                        ledger.Complete(history.Offsets[index]);
                        open.Remove(history.Offsets[index]);
                        break;
                    }

                    done.Enqueue(index);
                }

                var expected = open.Count > 0 ? open.Min : ledger.Position;
                if (ledger.Watermark != expected || ledger.Watermark < last)
                {
                    return false;
                }

                last = ledger.Watermark;
            }

            return true;
        },
        iter: 10_000);

    [Fact]
    public void Complete_UnknownOrDoneTwice_Throws() => Histories.Where(history => history.Offsets.Length > 0).Sample(
        history =>
        {
            var ledger = new OffsetLedger(history.Start);
            foreach (var offset in history.Offsets)
            {
                ledger.Track(offset);
            }

            ledger.Complete(history.Offsets[0]);
            Assert.Throws<InvalidOperationException>(() => ledger.Complete(history.Offsets[0]));
            Assert.Throws<InvalidOperationException>(() => ledger.Complete(history.Offsets[^1] + 1));
        },
        iter: 1_000);

    [Fact]
    public void Track_NotAscending_Throws()
    {
        var ledger = new OffsetLedger(5);
        ledger.Track(7);

        Assert.Throws<InvalidOperationException>(() => ledger.Track(7));
        Assert.Throws<InvalidOperationException>(() => ledger.Track(6));
    }

    [Fact]
    public void SkipTo_NothingOpen_MovesTheWatermarkOverControlRecords()
    {
        var ledger = new OffsetLedger(0);
        ledger.Track(0);
        ledger.SkipTo(3);
        Assert.Equal(0, ledger.Watermark);

        ledger.Complete(0);
        Assert.Equal(3, ledger.Watermark);

        ledger.SkipTo(2);
        Assert.Equal(3, ledger.Watermark);
    }

    private static long[] Offsets(long start, int[] gaps)
    {
        var next = start;
        return [.. gaps.Select(gap => (next += gap + 1) - 1)];
    }
}

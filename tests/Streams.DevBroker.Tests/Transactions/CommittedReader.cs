using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Tests.Transactions;

/// <summary>Reads a log the way a consumer of committed records does: with the list of aborted transactions of each answer.</summary>
internal static class CommittedReader
{
    /// <summary>The offsets of the records that such a consumer sees, from an offset to the end.</summary>
    public static (List<long> Offsets, long Position) Read(PartitionLog log, long from, int maxBytes)
    {
        var seen = new List<long>();
        while (true)
        {
            var result = log.Read(from, maxBytes, firstBatchAnyway: true, committedOnly: true);
            Assert.Equal(ErrorCode.None, result.Error);
            if (result.Slice is null)
            {
                Assert.Equal(result.LastStableOffset, from);
                Assert.Empty(result.Aborted!);
                return (seen, from);
            }

            var aborted = result.Aborted!.OrderBy(transaction => transaction.FirstOffset).ToList();
            var skipping = new HashSet<long>();
            foreach (var batch in Batches(result.Slice))
            {
                // A transaction that began before this answer counts as begun at its first batch.
                foreach (var begun in aborted.Where(transaction => transaction.FirstOffset <= batch.LastOffset).ToList())
                {
                    skipping.Add(begun.ProducerId);
                    aborted.Remove(begun);
                }

                if (batch.IsControl)
                    skipping.Remove(batch.ProducerId);
                else if (!batch.IsTransactional || !skipping.Contains(batch.ProducerId))
                    seen.AddRange(Enumerable.Range(0, batch.RecordCount).Select(i => batch.BaseOffset + i).Where(offset => offset >= from));
                from = Math.Max(from, batch.LastOffset + 1);
            }
        }
    }

    private static IEnumerable<RecordBatchHeader> Batches(FileSlice slice)
    {
        byte[] bytes = new byte[slice.Length];
        Assert.Equal(bytes.Length, slice.Read(0, bytes));
        slice.Dispose();
        for (int at = 0; at < bytes.Length;)
        {
            var header = RecordBatchHeader.Parse(bytes.AsSpan(at));
            yield return header;
            at += header.TotalSize;
        }
    }
}

using System.Text;
using Streams.Grains.Outbox;
using Streams.Grains.Processing;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Grains.Tests.Processing;

[Collection(GrainClusterCollection.Name)]
public sealed class PartitionGrainTests(GrainCluster cluster)
{
    // Each test's own, so that the grains and the leases' fake do not meet those of others.
    private readonly string _run = $"run-{Guid.NewGuid():n}";

    [Fact]
    public async Task Apply_ManyKeys_EachHasTheEffectsThatItHasAlone()
    {
        var replies = await ApplyAsync(0, [.. Enumerable.Range(0, 100).Select(i => Batch(0, $"key {i}", i, $"{i}", "b"))]);
        var again = await ApplyAsync(0, [.. Enumerable.Range(0, 100).Select(i => Batch(0, $"key {i}", i + 2, "c"))]);

        for (var i = 0; i < replies.Length; i++)
        {
            Assert.Equal(await SequentialAsync($"{i}", "b", "c"), [.. Texts(replies[i]), .. Texts(again[i])]);
        }
    }

    [Fact]
    public async Task Apply_OneKeyFails_TheOthersAreApplied()
    {
        CountingProcessor.CrashesLeft = 1;
        var replies = await ApplyAsync(0, [Batch(0, "good", 0, "a"), Batch(0, "bad", 1, CountingProcessor.Crash), Batch(0, "refused", 2, CountingProcessor.Poison)]);

        Assert.Equal(await SequentialAsync("a"), Texts(replies[0]));
        Assert.IsType<ProcessingFailedException>(replies[1].Failure);
        Assert.Equal(2, Assert.Single(replies[2].Reply!.Rejected).Offset);

        // It comes again and is well.
        var again = await ApplyAsync(0, [Batch(0, "bad", 1, CountingProcessor.Crash)]);
        Assert.Equal(await SequentialAsync(CountingProcessor.Crash), Texts(again[0]));
    }

    [Fact]
    public async Task Apply_SameBatchesAgainInAnotherActivation_GivesTheSameResultsAgain()
    {
        KeyBatch[] batches = [Batch(0, "a", 0, "1", "2"), Batch(0, "b", 5, "3")];
        var first = await ApplyAsync(0, batches);
        await cluster.ForgetActivationsAsync();
        var again = await ApplyAsync(0, batches);

        Assert.Equal(first.SelectMany(Texts), again.SelectMany(Texts));
    }

    [Fact]
    public async Task Apply_KeyInTwoPartitions_BothCountThoughEachReadBeforeTheOtherWrote()
    {
        var texts = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            foreach (var partition in (int[])[0, 1])
            {
                texts.AddRange(Texts((await ApplyAsync(partition, [Batch(partition, "both", i, $"{partition} {i}")]))[0]));
            }
        }

        Assert.Equal(await SequentialAsync([.. Enumerable.Range(0, 20).Select(i => $"{i % 2} {i / 2}")]), texts);
    }

    [Fact]
    public async Task Apply_KeyInTwoPartitionsAtOnce_EachRecordCountsOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async partition =>
        {
            for (var i = 0; i < 25; i++)
            {
                KeyReply reply;
                do
                {
                    // As a caller does whose key others have written all the time.
                    reply = (await ApplyAsync(partition, [Batch(partition, "shared", i, "x")]))[0];
                }
                while (reply.Failure is TimeoutException);

                Assert.Null(reply.Failure);
            }
        }));

        var last = (await ApplyAsync(0, [Batch(0, "shared", 25, "x")]))[0];
        Assert.StartsWith("100:", Texts(last)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_LeaseThatIsOver_IsRefused()
    {
        cluster.Leases.Refuse($"{_run}/0", new StaleEpochException("another owner"));

        await Assert.ThrowsAsync<StaleEpochException>(() => ApplyAsync(0, [Batch(0, "a", 0, "1")]));
    }

    [Fact]
    public async Task Apply_StateOfAStreamGrain_GoesOnWithIt()
    {
        var key = new StreamKey(_run, Topics.LabelSamples, "moved");
        var before = await cluster.Grains.GetGrain<IStreamGrain>(key.ToString()).ApplyAsync(
            new RecordBatch(0, 1, $"{_run}/0", Batch(0, "moved", 0, "a").Records));
        var after = await ApplyAsync(0, [Batch(0, "moved", 1, "b")]);

        Assert.Equal(await SequentialAsync("a", "b"), [.. before.Results.Select(Text), .. Texts(after[0])]);
    }

    private Task<KeyReply[]> ApplyAsync(int partition, KeyBatch[] keys) => cluster.Grains
        .GetGrain<IPartitionGrain>(StreamKey.OfPartition(_run, Topics.LabelSamples, partition).ToString())
        .ApplyAsync(new PartitionBatch(partition, 1, $"{_run}/{partition}", keys));

    private static KeyBatch Batch(int partition, string key, long offset, params string[] values) => new(
        key, [.. values.Select((value, i) => new InputRecord(partition, offset + i, DateTimeOffset.UnixEpoch, EventTypes.LabelSample, Encoding.UTF8.GetBytes(value)))]);

    private static List<string> Texts(KeyReply reply) => [.. reply.Reply!.Results.Select(Text)];

    private static string Text(OutboxResult result) => Encoding.UTF8.GetString(result.Data);

    private static async Task<List<string>> SequentialAsync(params string[] values)
    {
        var output = await new CountingProcessor(null).ApplyAsync(
            [.. values.Select((value, i) => new InputRecord(0, i, DateTimeOffset.UnixEpoch, EventTypes.LabelSample, Encoding.UTF8.GetBytes(value)))],
            CancellationToken.None);
        return [.. output.Results.Select(result => Encoding.UTF8.GetString(result.Data))];
    }
}

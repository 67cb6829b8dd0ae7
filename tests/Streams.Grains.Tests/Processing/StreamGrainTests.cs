using System.Text;
using Orleans.Storage;
using Streams.Grains.Processing;
using Streams.Schemas;
using Streams.Schemas.Envelope;

namespace Streams.Grains.Tests.Processing;

[Collection(GrainClusterCollection.Name)]
public sealed class StreamGrainTests(GrainCluster cluster)
{
    private readonly StreamKey _key = new(Topics.LiveRun, Topics.LabelSamples, $"key-{Guid.NewGuid():n}");

    private IStreamGrain Grain => cluster.Grains.GetGrain<IStreamGrain>(_key.ToString());

    [Fact]
    public async Task Apply_FreshRecords_PublishesEachResultWithItsId()
    {
        await ApplyAsync(epoch: 1, 10, "a", "b");

        Assert.Equal(
            [$"live/label.samples/0/10/0", "live/label.samples/0/10/1", "live/label.samples/0/11/0", "live/label.samples/0/11/1"],
            Published().Select(result => result.Id));
    }

    [Fact]
    public async Task Apply_SameRecordsTwice_TheyCountOnce()
    {
        await ApplyAsync(epoch: 1, 0, "a", "b", "c");
        await ApplyAsync(epoch: 1, 1, "b", "c", "d");

        Assert.Equal(await SequentialAsync("a", "b", "c", "d"), Effects());
    }

    [Fact]
    public async Task Apply_OlderEpoch_IsRefused()
    {
        await ApplyAsync(epoch: 5, 0, "a");

        await Assert.ThrowsAsync<StaleEpochException>(() => ApplyAsync(epoch: 4, 1, "b"));
        Assert.Equal(await SequentialAsync("a"), Effects());
    }

    [Fact]
    public async Task Apply_ProcessorCrashesInTheMiddle_RetryGivesWhatOneRunGives()
    {
        CountingProcessor.CrashesLeft = 1;
        await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(epoch: 1, 0, "a", CountingProcessor.Crash, "b"));
        await ApplyAsync(epoch: 1, 0, "a", CountingProcessor.Crash, "b");

        Assert.Equal(await SequentialAsync("a", CountingProcessor.Crash, "b"), Effects());
    }

    [Fact]
    public async Task Apply_StoreFailsBeforeWriting_NothingIsPublishedAndRetrySucceeds()
    {
        await ApplyAsync(epoch: 1, 0, "a");
        cluster.Storage.FailuresLeft = 1;
        await Assert.ThrowsAsync<OrleansException>(() => ApplyAsync(epoch: 1, 1, "b"));
        Assert.Equal(2, Published().Count);

        await ApplyAsync(epoch: 1, 1, "b");
        Assert.Equal(await SequentialAsync("a", "b"), Effects());
    }

    [Fact]
    public async Task Apply_StoreWritesButItsAnswerIsLost_RetryPublishesWhatWasStored()
    {
        cluster.Storage.LostAnswersLeft = 1;
        await Assert.ThrowsAsync<OrleansException>(() => ApplyAsync(epoch: 1, 0, "a"));
        await ApplyAsync(epoch: 1, 0, "a");

        Assert.Equal(await SequentialAsync("a"), Effects());
    }

    [Fact]
    public async Task Apply_PublishFails_RetryPublishesTheSameResults()
    {
        cluster.Publisher.FailuresLeft = 1;
        await Assert.ThrowsAsync<TimeoutException>(() => ApplyAsync(epoch: 1, 0, "a"));
        Assert.Empty(Published());

        await ApplyAsync(epoch: 1, 0, "a");
        Assert.Equal(await SequentialAsync("a"), Effects());
    }

    [Fact]
    public async Task Apply_ActivationLostBetweenStoreAndPublish_NextActivationPublishes()
    {
        cluster.Publisher.FailuresLeft = 1;
        await Assert.ThrowsAsync<TimeoutException>(() => ApplyAsync(epoch: 1, 0, "a"));
        await cluster.ForgetActivationsAsync();
        await ApplyAsync(epoch: 2, 0, "a", "b");

        Assert.Equal(await SequentialAsync("a", "b"), Effects());
    }

    [Fact]
    public async Task Apply_RecordsRefused_AreReportedAgainToAPumpThatReadsThemAgain()
    {
        var first = await ApplyAsync(epoch: 1, 0, "a", CountingProcessor.Poison, "b");
        await cluster.ForgetActivationsAsync();
        var again = await ApplyAsync(epoch: 2, 0, "a", CountingProcessor.Poison, "b");
        var later = await ApplyAsync(epoch: 2, 3, "c");

        Assert.Equal([1], first.Select(rejected => rejected.Offset));
        Assert.Equal([1], again.Select(rejected => rejected.Offset));
        Assert.Empty(later);
        Assert.Equal(await SequentialAsync("a", CountingProcessor.Poison, "b", "c"), Effects());
    }

    [Fact]
    public async Task Apply_TwoPartitionsOfOneKey_KeepTheirOffsetsApart()
    {
        await Grain.ApplyAsync(Batch(partition: 0, epoch: 1, 100, "a"));
        await Grain.ApplyAsync(Batch(partition: 1, epoch: 1, 7, "b"));
        await Grain.ApplyAsync(Batch(partition: 1, epoch: 1, 7, "b"));

        Assert.Equal(["live/label.samples/0/100/0", "live/label.samples/1/7/0"], Published().Where(result => result.Id.EndsWith("/0", StringComparison.Ordinal)).Select(result => result.Id));
    }

    [Fact]
    public async Task Apply_AnotherRun_SharesNothingWithLive()
    {
        await ApplyAsync(epoch: 1, 0, "a", "b");
        var other = _key with { Run = "check" };
        await cluster.Grains.GetGrain<IStreamGrain>(other.ToString()).ApplyAsync(Batch(0, 1, 0, "a", "b"));

        Assert.Equal(
            Published().Select(result => Encoding.UTF8.GetString(result.Data)),
            cluster.Publisher.Of(other).Select(result => Encoding.UTF8.GetString(result.Data)));
        Assert.All(cluster.Publisher.Of(other), result => Assert.StartsWith("check/", result.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_TwoWritersOfOneState_SecondIsRefusedByTheStore()
    {
        await ApplyAsync(epoch: 1, 0, "a");
        var grainId = cluster.Grains.GetGrain<IStreamGrain>(_key.ToString()).GetGrainId();
        var other = new GrainState<StreamState>();
        await cluster.Storage.ReadStateAsync("stream", grainId, other);
        await cluster.Storage.WriteStateAsync("stream", grainId, other);

        await Assert.ThrowsAsync<InconsistentStateException>(() => ApplyAsync(epoch: 1, 1, "b"));
        await ApplyAsync(epoch: 1, 1, "b");
        Assert.Equal(await SequentialAsync("a", "b"), Effects());
    }

    private Task<RejectedRecord[]> ApplyAsync(long epoch, long offset, params string[] values) => Grain.ApplyAsync(Batch(0, epoch, offset, values));

    private static RecordBatch Batch(int partition, long epoch, long offset, params string[] values) => new(
        partition,
        epoch,
        [.. values.Select((value, i) => new RecordMessage(offset + i, DateTimeOffset.UnixEpoch.AddSeconds(offset + i), EventTypes.LabelSample, Encoding.UTF8.GetBytes(value), default))]);

    private IReadOnlyList<Outbox.OutboxResult> Published() => cluster.Publisher.Of(_key);

    /// <summary>What a consumer that drops ids it has seen is left with.</summary>
    private List<string> Effects() => [.. Published().DistinctBy(result => result.Id).Select(result => Encoding.UTF8.GetString(result.Data))];

    /// <summary>The effects of one processor that nothing ever happens to.</summary>
    private static async Task<List<string>> SequentialAsync(params string[] values)
    {
        var output = await new CountingProcessor(null).ApplyAsync(
            [.. values.Select((value, i) => new Schemas.Processing.InputRecord(0, i, DateTimeOffset.UnixEpoch, EventTypes.LabelSample, Encoding.UTF8.GetBytes(value)))],
            CancellationToken.None);
        return [.. output.Results.Select(result => Encoding.UTF8.GetString(result.Data))];
    }
}

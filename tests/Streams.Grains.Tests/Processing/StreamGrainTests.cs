using System.Text;
using Orleans.Storage;
using Streams.Grains.Outbox;
using Streams.Grains.Processing;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Grains.Tests.Processing;

[Collection(GrainClusterCollection.Name)]
public sealed class StreamGrainTests(GrainCluster cluster)
{
    private readonly StreamKey _key = new(Topics.LiveRun, Topics.LabelSamples, $"key-{Guid.NewGuid():n}");

    // What the callers have got and would publish, repetitions included.
    private readonly List<OutboxResult> _results = [];

    private IStreamGrain Grain => cluster.Grains.GetGrain<IStreamGrain>(_key.ToString());

    [Fact]
    public async Task Apply_FreshRecords_GivesEachResultWithItsId()
    {
        await ApplyAsync(epoch: 1, 10, "a", "b");

        Assert.Equal(
            [$"live/label.samples/0/10/0", "live/label.samples/0/10/1", "live/label.samples/0/11/0", "live/label.samples/0/11/1"],
            _results.Select(result => result.Id));
    }

    [Fact]
    public async Task Apply_SameRecordsTwice_TheyCountOnce()
    {
        await ApplyAsync(epoch: 1, 0, "a", "b", "c");
        await ApplyAsync(epoch: 1, 1, "b", "c", "d");

        Assert.Equal(await SequentialAsync("a", "b", "c", "d"), Effects());
    }

    [Fact]
    public async Task Apply_SameBatchAgain_GivesTheSameResultsAgain()
    {
        var first = await ApplyAsync(epoch: 1, 0, "a", "b");
        await cluster.ForgetActivationsAsync();
        var again = await ApplyAsync(epoch: 2, 0, "a", "b");

        Assert.Equal(first.Results.Select(result => (result.Id, Text(result))), again.Results.Select(result => (result.Id, Text(result))));
    }

    [Fact]
    public async Task Apply_ManyBatches_ReadsOnceChecksTheLeaseOnceAndWritesOnceABatch()
    {
        const int Batches = 10;
        for (var batch = 0; batch < Batches; batch++)
        {
            await ApplyAsync(epoch: 1, batch * 64, [.. Enumerable.Range(0, 64).Select(i => $"{i}")]);
        }

        var (record, _) = cluster.Storage.Snapshot("stream", Grain.GetGrainId());
        Assert.Equal((1, Batches), (cluster.Storage.Reads[record], cluster.Storage.Writes[record]));
        Assert.Single(cluster.Leases.Asked, lease => lease == Lease(1));
    }

    [Fact]
    public async Task Apply_OlderEpoch_IsRefused()
    {
        await ApplyAsync(epoch: 5, 0, "a");

        await Assert.ThrowsAsync<StaleEpochException>(() => ApplyAsync(epoch: 4, 1, "b"));
        Assert.Equal(await SequentialAsync("a"), Effects());
    }

    [Fact]
    public async Task Apply_LeaseThatIsOver_IsRefusedBeforeAnythingIsApplied()
    {
        cluster.Leases.Refuse(Lease(1), new StaleEpochException("another owner"));

        await Assert.ThrowsAsync<StaleEpochException>(() => ApplyAsync(epoch: 1, 0, "a"));
        await ApplyAsync(epoch: 2, 0, "a");

        Assert.Equal(await SequentialAsync("a"), Effects());
    }

    [Fact]
    public async Task Apply_StoreLostTheLastWriteAndANewLeaseReadsAgain_NothingIsLostThoughTheActivationRemembersMore()
    {
        await ApplyAsync(epoch: 1, 0, "a");
        var before = cluster.Storage.Snapshot("stream", Grain.GetGrainId());
        await ApplyAsync(epoch: 1, 1, "b");
        cluster.Storage.Restore(before);

        // The pump has acquired the partition again and reads from the cursor that the store still has. The activation would say "done".
        await ApplyAsync(epoch: 2, 1, "b");
        await cluster.ForgetActivationsAsync();
        await ApplyAsync(epoch: 2, 2, "c");

        Assert.Equal(await SequentialAsync("a", "b", "c"), Effects());
    }

    [Fact]
    public async Task Apply_StoreLostTheLastWriteUnderTheSameLease_IsRefusedInsteadOfLeavingAGap()
    {
        await ApplyAsync(epoch: 1, 0, "a");
        var before = cluster.Storage.Snapshot("stream", Grain.GetGrainId());
        await ApplyAsync(epoch: 1, 1, "b");
        cluster.Storage.Restore(before);
        cluster.Leases.Refuse(Lease(1), new StoreRolledBackException("the server was restarted"));

        await Assert.ThrowsAsync<InconsistentStateException>(() => ApplyAsync(epoch: 1, 2, "c"));
        await Assert.ThrowsAsync<StoreRolledBackException>(() => ApplyAsync(epoch: 1, 2, "c"));
        await ApplyAsync(epoch: 2, 1, "b", "c");

        Assert.Equal(await SequentialAsync("a", "b", "c"), Effects());
    }

    [Fact]
    public async Task Apply_ManyCallsUnderOneLease_AskAboutItOnce()
    {
        for (var offset = 0; offset < 5; offset++)
        {
            await ApplyAsync(epoch: 1, offset, "a");
        }

        Assert.Single(cluster.Leases.Asked, Lease(1));
    }

    [Fact]
    public async Task Apply_ProcessorCrashesInTheMiddle_SaysSoAndRetryGivesWhatOneRunGives()
    {
        CountingProcessor.CrashesLeft = 1;
        var failure = await Assert.ThrowsAsync<ProcessingFailedException>(() => ApplyAsync(epoch: 1, 0, "a", CountingProcessor.Crash, "b"));
        await ApplyAsync(epoch: 1, 0, "a", CountingProcessor.Crash, "b");

        Assert.Equal(("InvalidOperationException", "crash in the middle of a batch"), (failure.ExceptionType, failure.Message));
        Assert.Equal(await SequentialAsync("a", CountingProcessor.Crash, "b"), Effects());
    }

    [Fact]
    public async Task Apply_StoreFailsBeforeWriting_NothingIsGivenAndRetrySucceeds()
    {
        await ApplyAsync(epoch: 1, 0, "a");
        cluster.Storage.FailuresLeft = 1;
        await Assert.ThrowsAsync<OrleansException>(() => ApplyAsync(epoch: 1, 1, "b"));

        await ApplyAsync(epoch: 1, 1, "b");
        Assert.Equal(await SequentialAsync("a", "b"), Effects());
    }

    [Fact]
    public async Task Apply_StoreWritesButItsAnswerIsLost_RetryGivesWhatWasStored()
    {
        cluster.Storage.LostAnswersLeft = 1;
        await Assert.ThrowsAsync<OrleansException>(() => ApplyAsync(epoch: 1, 0, "a"));
        await ApplyAsync(epoch: 1, 0, "a");

        Assert.Equal(await SequentialAsync("a"), Effects());
    }

    [Fact]
    public async Task Apply_CallerDiedBeforePublishing_TheNextOneGetsTheResultsAgain()
    {
        await Grain.ApplyAsync(Batch(0, 1, 0, "a"));
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

        Assert.Equal([1], first.Rejected.Select(rejected => rejected.Offset));
        Assert.Equal([1], again.Rejected.Select(rejected => rejected.Offset));
        Assert.Empty(later.Rejected);
        Assert.Equal(await SequentialAsync("a", CountingProcessor.Poison, "b", "c"), Effects());
    }

    [Fact]
    public async Task Apply_TwoPartitionsOfOneKey_KeepTheirOffsetsAndResultsApart()
    {
        await Grain.ApplyAsync(Batch(partition: 0, epoch: 1, 100, "a"));
        await Grain.ApplyAsync(Batch(partition: 1, epoch: 1, 7, "b"));
        var first = await Grain.ApplyAsync(Batch(partition: 0, epoch: 1, 100, "a"));
        var second = await Grain.ApplyAsync(Batch(partition: 1, epoch: 1, 7, "b"));

        Assert.Equal("live/label.samples/0/100/0", first.Results[0].Id);
        Assert.Equal("live/label.samples/1/7/0", second.Results[0].Id);
        Assert.Equal((2, 2), (first.Results.Length, second.Results.Length));
    }

    [Fact]
    public async Task Apply_AnotherRun_SharesNothingWithLive()
    {
        var live = await ApplyAsync(epoch: 1, 0, "a", "b");
        var other = await cluster.Grains.GetGrain<IStreamGrain>((_key with { Run = "check" }).ToString()).ApplyAsync(Batch(0, 1, 0, "a", "b"));

        Assert.Equal(live.Results.Select(Text), other.Results.Select(Text));
        Assert.All(other.Results, result => Assert.StartsWith("check/", result.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_TwoWritersOfOneState_SecondIsRefusedByTheStore()
    {
        await ApplyAsync(epoch: 1, 0, "a");
        var grainId = Grain.GetGrainId();
        var other = new GrainState<StreamState>();
        await cluster.Storage.ReadStateAsync("stream", grainId, other);
        await cluster.Storage.WriteStateAsync("stream", grainId, other);

        await Assert.ThrowsAsync<InconsistentStateException>(() => ApplyAsync(epoch: 1, 1, "b"));
        await ApplyAsync(epoch: 1, 1, "b");
        Assert.Equal(await SequentialAsync("a", "b"), Effects());
    }

    [Fact]
    public async Task Forget_AKeyWithState_StartsFromNothing()
    {
        await ApplyAsync(epoch: 1, 0, "a", "b");
        await Grain.ForgetAsync();
        _results.Clear();
        await ApplyAsync(epoch: 2, 0, "a");

        Assert.Equal(await SequentialAsync("a"), Effects());
    }

    // Unlike those of the other tests, which share the leases' fake.
    private string Lease(long epoch) => $"{_key.Key}/{epoch}";

    private async Task<ApplyReply> ApplyAsync(long epoch, long offset, params string[] values)
    {
        var reply = await Grain.ApplyAsync(Batch(0, epoch, offset, values));
        _results.AddRange(reply.Results);
        return reply;
    }

    private RecordBatch Batch(int partition, long epoch, long offset, params string[] values) => new(
        partition,
        epoch,
        Lease(epoch),
        [.. values.Select((value, i) => new InputRecord(partition, offset + i, DateTimeOffset.UnixEpoch.AddSeconds(offset + i), EventTypes.LabelSample, Encoding.UTF8.GetBytes(value)))]);

    private static string Text(OutboxResult result) => Encoding.UTF8.GetString(result.Data);

    /// <summary>What a consumer that drops ids it has seen is left with.</summary>
    private List<string> Effects() => [.. _results.DistinctBy(result => result.Id).Select(Text)];

    /// <summary>The effects of one processor that nothing ever happens to.</summary>
    private static async Task<List<string>> SequentialAsync(params string[] values)
    {
        var output = await new CountingProcessor(null).ApplyAsync(
            [.. values.Select((value, i) => new InputRecord(0, i, DateTimeOffset.UnixEpoch, EventTypes.LabelSample, Encoding.UTF8.GetBytes(value)))],
            CancellationToken.None);
        return [.. output.Results.Select(result => Encoding.UTF8.GetString(result.Data))];
    }
}

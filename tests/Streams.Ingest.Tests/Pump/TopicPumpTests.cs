using System.Text;
using Confluent.Kafka;
using Streams.Ingest.Pump;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Ingest.Tests.Pump;

public sealed class TopicPumpTests
{
    private static readonly IReadOnlyList<Rejection> None = [];

    [Fact]
    public async Task Run_RecordsOfManyKeys_AppliesEachOnceInOrderAndCommitsForLagTools()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 3);
        var ends = await bench.FillAsync(3_000, keys: 20);
        var sink = new FakeSink();
        await using (var pump = bench.Pump(sink))
        {
            await pump.StartAsync(CancellationToken.None);
            await bench.CursorsReachAsync(ends);
            Assert.True(pump.Statistics.IsReady);
            Assert.Equal(3, pump.Statistics.Partitions.Count);
            Assert.Equal(0, pump.Statistics.Lag);
            Assert.Equal(0, pump.Statistics.InFlightBytes);
        }

        Assert.Equal(3_000, sink.Applied.Count);
        foreach (var key in sink.Applied.GroupBy(applied => applied.Key))
        {
            var values = key.Select(applied => int.Parse(Encoding.UTF8.GetString(applied.Record.Payload.Span), null)).ToList();
            Assert.Equal(Enumerable.Range(0, 150).Select(n => (n * 20) + int.Parse(key.Key[3..], null)), values);
        }

        using var admin = bench.Broker.CreateAdmin();
        var committed = await admin.ListConsumerGroupOffsetsAsync([new($"{bench.Kafka.GroupId}.{bench.Topic}", null)]);
        Assert.Equal(
            ends.OrderBy(end => end.Key).Select(end => end.Value),
            committed[0].Partitions.OrderBy(p => p.Partition.Value).Select(p => p.Offset.Value));
    }

    [Fact]
    public async Task Run_CursorInTheMiddle_ReadsFromThereWhateverTheGroupCommitted()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var ends = await bench.FillAsync(100, keys: 1);
        await using (var first = bench.Pump(new FakeSink()))
        {
            await first.StartAsync(CancellationToken.None);
            await bench.CursorsReachAsync(ends);
        }

        // As after a store that lost its last writes.
        bench.Cursors.Set(bench.Partition(0), 40);
        var sink = new FakeSink();
        await using var second = bench.Pump(sink);
        await second.StartAsync(CancellationToken.None);
        await bench.CursorsReachAsync(ends);
        await second.StopAsync(CancellationToken.None);

        Assert.Equal(Enumerable.Range(40, 60).Select(n => (long)n), sink.Applied.Select(applied => applied.Record.Offset));
    }

    [Fact]
    public async Task Run_BadRecordsAmongGood_AllInDeadLettersWithTheirOrigin()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 2);
        var ends = await bench.FillAsync(1_000, keys: 10, value: n => n % 10 == 3 ? "" : $"{n}");
        var sink = new FakeSink();
        await using (var pump = bench.Pump(sink))
        {
            await pump.StartAsync(CancellationToken.None);
            await bench.CursorsReachAsync(ends);
            Assert.Equal(100, pump.Statistics.DeadLettered);
            Assert.Equal(900, pump.Statistics.Applied);
        }

        Assert.Equal(900, sink.Applied.Count);
        var letters = bench.ReadAll(bench.DeadLetterTopic, 100);
        Assert.Equal(100, letters.Count);
        Assert.All(letters, letter =>
        {
            var origin = DeadLetter.FromHeaders(name => letter.Message.Headers.TryGetLastBytes(name, out var bytes) ? bytes : null);
            Assert.Equal(bench.Topic, origin!.Topic);
            Assert.Contains("empty", origin.Reason, StringComparison.Ordinal);
            Assert.Equal("key3", Encoding.UTF8.GetString(letter.Message.Key));
        });
        Assert.Equal(100, letters.Select(letter => Text(letter, Streams.Schemas.Envelope.Headers.OriginOffset)).Distinct().Count());
    }

    [Fact]
    public async Task Run_SecondMemberJoinsAndLeaves_NothingIsLost()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 4);
        var sinks = new[] { new FakeSink(), new FakeSink() };
        await using var first = bench.Pump(sinks[0]);
        await first.StartAsync(CancellationToken.None);
        var ends = await bench.FillAsync(500, keys: 40);
        await bench.CursorsReachAsync(ends);
        Assert.Equal(4, first.Statistics.Partitions.Count);

        var second = bench.Pump(sinks[1]);
        await second.StartAsync(CancellationToken.None);
        await UntilAsync(() => first.Statistics is { IsReady: true, Partitions.Count: 2 } && second.Statistics is { IsReady: true, Partitions.Count: 2 });
        ends = await bench.FillAsync(500, keys: 40);
        await bench.CursorsReachAsync(ends);
        Assert.NotEmpty(sinks[1].Applied);
        await second.DisposeAsync();

        ends = await bench.FillAsync(500, keys: 40);
        await bench.CursorsReachAsync(ends);
        await first.StopAsync(CancellationToken.None);
        // Orderly hand-overs drain first, so nothing is even repeated.
        Assert.Equal(1_500, sinks.Sum(sink => sink.Applied.Count));
        Assert.Equal(1_500, sinks.SelectMany(sink => sink.Calls).SelectMany(call => call.Records.Select(r => (call.Partition, r.Offset))).Distinct().Count());
    }

    [Fact]
    public async Task Run_BudgetSpent_StopsReadingAndGoesOn()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        bench.Options.ByteBudget = 100_000;
        bench.Options.StallBeforePause = TimeSpan.FromMilliseconds(300);
        var ends = await bench.FillAsync(1_000, keys: 4, value: _ => new string('x', 1_000));
        var gate = new TaskCompletionSource();
        var sink = new FakeSink { OnApply = async (_, _, _) => { await gate.Task; return None; } };
        await using var pump = bench.Pump(sink);
        await pump.StartAsync(CancellationToken.None);

        await UntilAsync(() => pump.Statistics.Paused);
        // The record that crosses the limit is the last one taken.
        Assert.InRange(pump.Statistics.InFlightBytes, 100_000, 102_000);
        var held = pump.Statistics.Consumed;
        Assert.InRange(held, 50, 100);
        gate.SetResult();
        await bench.CursorsReachAsync(ends);
        await UntilAsync(() => !pump.Statistics.Paused);
        Assert.Equal(1_000, pump.Statistics.Applied);
    }

    [Fact]
    public async Task Run_StoreUnavailable_WaitsAndThenReads()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var ends = await bench.FillAsync(10, keys: 1);
        bench.Options.MaxRetryDelay = TimeSpan.FromMilliseconds(50);
        bench.Options.RetryDelay = TimeSpan.FromMilliseconds(10);
        bench.Cursors.Failure = new TimeoutException("store is down");
        await using var pump = bench.Pump(new FakeSink());
        await pump.StartAsync(CancellationToken.None);
        await UntilAsync(() => pump.Statistics.Partitions is [{ State: PartitionState.Acquiring, Problem: "store is down" }]);
        Assert.False(pump.Statistics.IsReady);

        bench.Cursors.Failure = null;
        await bench.CursorsReachAsync(ends);
        Assert.True(pump.Statistics.IsReady);
        Assert.Equal(0, pump.Statistics.Partitions[0].Lag);
    }

    [Fact]
    public async Task Run_AnotherOwnerWhileStillAssigned_HaltsThenAcquiresAgain()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        bench.Options.FencedDelay = TimeSpan.FromMilliseconds(200);
        var ends = await bench.FillAsync(10, keys: 1);
        var sink = new FakeSink();
        await using var pump = bench.Pump(sink);
        await pump.StartAsync(CancellationToken.None);
        await bench.CursorsReachAsync(ends);

        await bench.Cursors.AcquireAsync(bench.Partition(0), CancellationToken.None);
        ends = await bench.FillAsync(10, keys: 1);
        await bench.CursorsReachAsync(ends);

        Assert.Equal(3, pump.Statistics.Partitions[0].Epoch);
        Assert.Equal(Enumerable.Range(0, 20).Select(n => (long)n), sink.Applied.Select(applied => applied.Record.Offset).Distinct());
    }

    [Fact]
    public async Task Run_CursorBeyondTheEnd_ReadsNothingAndSaysSo()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        await bench.FillAsync(10, keys: 1);
        bench.Cursors.Set(bench.Partition(0), 100);
        var sink = new FakeSink();
        await using var pump = bench.Pump(sink);
        await pump.StartAsync(CancellationToken.None);

        await UntilAsync(() => pump.Statistics.Partitions is [{ Problem: not null }]);

        Assert.Contains("the log ends at 10", pump.Statistics.Partitions[0].Problem, StringComparison.Ordinal);
        Assert.Empty(sink.Calls);
    }

    [Fact]
    public async Task Run_StaticMemberRestarts_KeepsItsPartitions()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 2);
        bench.Kafka.GroupInstanceId = "host-1";
        var sink = new FakeSink();
        await using (var before = bench.Pump(sink))
        {
            await before.StartAsync(CancellationToken.None);
            await bench.CursorsReachAsync(await bench.FillAsync(50, keys: 10));
        }

        await using var after = bench.Pump(sink);
        await after.StartAsync(CancellationToken.None);
        await bench.CursorsReachAsync(await bench.FillAsync(50, keys: 10));

        Assert.Equal(100, sink.Applied.Count);
    }

    private static string Text(ConsumeResult<byte[], byte[]> record, string header) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(header));

    /// <summary>Waits for what a broker's background work brings about.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}

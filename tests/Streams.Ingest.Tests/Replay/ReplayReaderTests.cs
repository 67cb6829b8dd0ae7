using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Replay;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas.Processing;

namespace Streams.Ingest.Tests.Replay;

public sealed class ReplayReaderTests
{
    private const string Run = "check";
    private static readonly IReadOnlyList<Rejection> None = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_WholeTopic_AppliesEachOnceUnderItsRunAndEnds()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 3);
        var ends = await bench.FillAsync(600, keys: 12);
        var sink = new FakeSink();
        var reports = new List<ReplayProgress>();
        var plan = ReplayPlan.Resolve(bench.Kafka, bench.Topic, null, null);
        // What arrives after the bounds are frozen is not part of the run.
        await bench.FillAsync(60, keys: 12);

        await Reader(bench, sink).RunAsync(Run, plan, new Collect(reports), Ct).WaitAsync(TimeSpan.FromSeconds(30), Ct);

        Assert.Equal(600, plan.Total);
        Assert.Equal(600, sink.Applied.Count);
        Assert.All(sink.Calls, call => Assert.Equal(Run, call.Partition.Run));
        Assert.All(ends, end => Assert.Equal(end.Value, bench.Cursors.ReadAsync(bench.Partition(end.Key, Run), Ct).Result));
        Assert.All(ends, end => Assert.Equal(-1, bench.Cursors.ReadAsync(bench.Partition(end.Key), Ct).Result));
        Assert.Equal((0L, 600L), (reports[0].Done, reports[0].Total));
        Assert.Equal((600L, 600L), (reports[^1].Done, reports[^1].Total));
        Assert.Equal(reports.Select(report => report.Done).Order(), reports.Select(report => report.Done));
        Assert.Equal(TimeSpan.Zero, reports[^1].Left);
    }

    [Fact]
    public async Task RunAsync_JoinsNoGroupAndCommitsNothing()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        await bench.FillAsync(50, keys: 2);

        await Reader(bench, new FakeSink()).RunAsync(Run, ReplayPlan.Resolve(bench.Kafka, bench.Topic, null, null), null, Ct);

        using var admin = bench.Broker.CreateAdmin();
        var groups = await admin.ListConsumerGroupsAsync();
        Assert.DoesNotContain(groups.Valid, group => group.GroupId == "streams.replay");
    }

    [Fact]
    public async Task RunAsync_OffsetsGiven_ReadsExactlyThese()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        await bench.FillAsync(100, keys: 1);
        var sink = new FakeSink();

        await Reader(bench, sink).RunAsync(Run, ReplayPlan.Resolve(bench.Kafka, bench.Topic, "30", "70"), null, Ct);

        Assert.Equal(Enumerable.Range(30, 40).Select(n => (long)n), sink.Applied.Select(applied => applied.Record.Offset));
        Assert.Equal(70, await bench.Cursors.ReadAsync(bench.Partition(0, Run), Ct));
    }

    [Fact]
    public async Task RunAsync_InterruptedInTheMiddle_GoesOnFromItsCursor()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        await bench.FillAsync(200, keys: 1);
        bench.Options.MaxBatchRecords = 10;
        bench.Options.DrainTimeout = TimeSpan.FromMilliseconds(200);
        var plan = ReplayPlan.Resolve(bench.Kafka, bench.Topic, null, null);
        using var stop = new CancellationTokenSource();
        var first = new FakeSink();
        first.OnApply = async (_, records, ct) =>
        {
            if (records[^1].Offset < 100)
            {
                return None;
            }

            // The batch that begins at 100 never ends.
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return None;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Reader(bench, first).RunAsync(Run, plan, null, stop.Token));
        var cursor = await bench.Cursors.ReadAsync(bench.Partition(0, Run), Ct);
        Assert.Equal(first.Applied.Count, cursor);
        Assert.InRange(cursor, 91, 100);

        var second = new FakeSink();
        var reports = new List<ReplayProgress>();
        await Reader(bench, second).RunAsync(Run, plan, new Collect(reports), Ct);

        Assert.Equal(cursor, reports[0].Done);
        Assert.Equal(Enumerable.Range((int)cursor, 200 - (int)cursor).Select(n => (long)n), second.Applied.Select(applied => applied.Record.Offset));
    }

    [Fact]
    public async Task RunAsync_NothingToRead_EndsAtOnce()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 2);
        var plan = ReplayPlan.Resolve(bench.Kafka, bench.Topic, null, null);
        var reports = new List<ReplayProgress>();

        await Reader(bench, new FakeSink()).RunAsync(Run, plan, new Collect(reports), Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct);

        Assert.Equal(0, plan.Total);
        Assert.Equal(0, reports[^1].Total);
    }

    [Fact]
    public async Task RunAsync_BadRecords_GoToTheRunsDeadLetters()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var letters = $"run.{Run}.{bench.DeadLetterTopic}";
        await bench.Broker.CreateTopicAsync(letters);
        await bench.FillAsync(20, keys: 2, value: n => n == 7 ? "" : "v");
        var reports = new List<ReplayProgress>();

        await Reader(bench, new FakeSink()).RunAsync(Run, ReplayPlan.Resolve(bench.Kafka, bench.Topic, null, null), new Collect(reports), Ct);

        Assert.Equal(1, reports[^1].DeadLettered);
        Assert.Equal(7, int.Parse(Encoding.UTF8.GetString(
            Assert.Single(bench.ReadAll(letters, 1)).Message.Headers.GetLastBytes(Schemas.Envelope.Headers.OriginOffset)), null));
    }

    [Fact]
    public async Task RunAsync_AnotherProcessTakesTheRunOver_Throws()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        await bench.FillAsync(20, keys: 1);
        var sink = new FakeSink { OnApply = (_, _, _) => throw new StaleEpochException(bench.Partition(0, Run), 1, 2) };

        await Assert.ThrowsAsync<StaleEpochException>(
            () => Reader(bench, sink).RunAsync(Run, ReplayPlan.Resolve(bench.Kafka, bench.Topic, null, null), null, Ct));

        // At most the start itself was noted, before the first call.
        Assert.InRange(await bench.Cursors.ReadAsync(bench.Partition(0, Run), Ct), -1, 0);
    }

    [Fact]
    public async Task Resolve_Times_GiveTheRecordsPublishedBetween()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var times = Enumerable.Range(0, 10).Select(n => Records.Time.AddMinutes(n)).ToList();
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bench.Kafka.BootstrapServers }).Build();
        foreach (var time in times)
        {
            await producer.ProduceAsync(bench.Topic, new Message<byte[], byte[]> { Value = [1], Timestamp = new Timestamp(time) }, Ct);
        }

        ReplayRange Between(string? from, string? to) => Assert.Single(ReplayPlan.Resolve(bench.Kafka, bench.Topic, from, to).Ranges);

        Assert.Equal(new ReplayRange(0, 3, 6), Between("2026-01-31T12:03:00Z", "2026-01-31T12:06:00Z"));
        Assert.Equal(new ReplayRange(0, 3, 10), Between("2026-01-31T12:02:00.001Z", null));
        Assert.Equal(new ReplayRange(0, 0, 10), Between("2020-01-01", "2030-01-01"));
        Assert.Equal(new ReplayRange(0, 10, 10), Between("2030-01-01", null));
        // The end comes first: nothing, not an error.
        Assert.Equal(0, Between("2026-01-31T12:06:00Z", "2026-01-31T12:03:00Z").Length);
        Assert.Equal(new ReplayRange(0, 4, 10), Between("4", "1000"));
    }

    [Theory]
    [InlineData("yesterday", null, "from 'yesterday'")]
    [InlineData(null, "-3", "to '-3'")]
    public async Task Resolve_BadBound_NamesItAndTheRemedy(string? from, string? to, string hint)
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);

        var error = Assert.Throws<ReplayBoundException>(() => ReplayPlan.Resolve(bench.Kafka, bench.Topic, from, to));

        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
        Assert.Contains("write for instance", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_NoSuchTopic_SaysSo()
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);

        var error = Assert.Throws<ReplayBoundException>(() => ReplayPlan.Resolve(bench.Kafka, "no.such.topic", null, null));

        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

    private static ReplayReader Reader(BrokerBench bench, FakeSink sink) => new(
        new PlainDecoder(bench.Topic),
        sink,
        bench.Cursors,
        new FakeResults(),
        new DeadLetterPublisher(bench.Publisher, NullLogger<DeadLetterPublisher>.Instance),
        bench.Kafka,
        bench.Options,
        TimeProvider.System,
        NullLogger<ReplayReader>.Instance);

    /// <summary>Unlike <see cref="Progress{T}"/>, on the reporting thread and in order.</summary>
    private sealed class Collect(List<ReplayProgress> reports) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value)
        {
            lock (reports)
            {
                reports.Add(value);
            }
        }
    }
}

using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest.Replay;
using Streams.Ingest.Tests.Fakes;
using Streams.TestKit.Kafka;

namespace Streams.Ingest.Tests.Replay;

/// <summary>
/// What lies at the end of a partition that transactions wrote is not always a record. The offsets are those of a real Kafka 4.0 for the same
/// writes (each transaction ends with one control record).
/// </summary>
public sealed class ReplayTailTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("committed", 10, 11)]
    [InlineData("committed, aborted", 10, 17)]
    [InlineData("committed, open", 10, 11)]
    [InlineData("aborted", 0, 6)]
    [InlineData("open", 0, 0)]
    [InlineData("plain, aborted, open", 3, 9)]
    public async Task RunAsync_TailOfTransactions_EndsWithWhatIsCommitted(string tail, int records, long end)
    {
        await using var bench = await BrokerBench.StartAsync(partitions: 1);
        var producers = new List<IProducer<byte[], byte[]>>();
        try
        {
            foreach (var part in tail.Split(", "))
            {
                producers.Add(Write(bench, part));
            }

            var sink = new FakeSink();
            var plan = ReplayPlan.Resolve(bench.Kafka, bench.Topic, null, null);
            await new ReplayReader(
                new PlainDecoder(bench.Topic), sink, bench.Cursors, new FakeResults(), new FakeDeadLetters(), bench.Kafka, bench.Options,
                TimeProvider.System, NullLogger<ReplayReader>.Instance).RunAsync("check", plan, null, Ct).WaitAsync(Patience, Ct);

            Assert.Equal(end, Assert.Single(plan.Ranges).End);
            Assert.Equal(Enumerable.Range(0, records).Select(n => (long)n), sink.Applied.Select(applied => applied.Record.Offset));
            Assert.Equal(end == 0 ? -1 : end, await bench.Cursors.ReadAsync(bench.Partition(0, "check"), Ct));
        }
        finally
        {
            producers.ForEach(producer => producer.Dispose());
        }
    }

    private static IProducer<byte[], byte[]> Write(BrokerBench bench, string kind)
    {
        var isPlain = kind == "plain";
        var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bench.Kafka.BootstrapServers,
            TransactionalId = isPlain ? null : TestBroker.UniqueName("tail"),
        }).Build();
        if (!isPlain)
        {
            producer.InitTransactions(Patience);
            producer.BeginTransaction();
        }

        for (var i = 0; i < (isPlain ? 3 : kind == "committed" ? 10 : 5); i++)
        {
            producer.Produce(bench.Topic, new Message<byte[], byte[]> { Key = "key"u8.ToArray(), Value = "v"u8.ToArray() });
        }

        producer.Flush(Patience);
        switch (kind)
        {
            case "committed":
                producer.CommitTransaction(Patience);
                break;
            case "aborted":
                producer.AbortTransaction(Patience);
                break;
        }

        return producer;
    }
}

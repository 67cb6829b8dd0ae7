using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;
using Streams.Schemas;
using Streams.Schemas.Results;
using Streams.TestKit.Kafka;

namespace Streams.Ingest.Tests.Publishing;

/// <summary>Transactional results against a broker, read as any consumer reads them with read_committed.</summary>
public sealed class TransactionalResultPublisherTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A source of its own for every test, so that fencing and notes are the test's own also on a shared broker.
    private readonly PartitionId _partition = new(Topics.LiveRun, TestBroker.UniqueName("source"), 0);
    private readonly string _results = TestBroker.UniqueName("results");
    private TestBroker _broker = null!;
    private KafkaOptions _kafka = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        _kafka = new KafkaOptions { BootstrapServers = _broker.BootstrapServers, GroupId = TestBroker.UniqueName("group") };
        await _broker.CreateTopicAsync(_partition.Topic);
        await _broker.CreateTopicAsync(_results);
        await new TopicAdmin(_kafka, NullLogger<TopicAdmin>.Instance).EnsureTopicsAsync([TopicAdmin.Published], Ct);
    }

    public async ValueTask DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Publish_SeveralCalls_EachResultIsCommittedOnce()
    {
        await using (var session = Publisher().Open(_partition))
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(offset => session.PublishAsync([Result(offset)], -1, Ct)));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(offset => $"{offset}"), Committed().Order(Comparer<string>.Create((a, b) => int.Parse(a, null) - int.Parse(b, null))));
    }

    [Fact]
    public async Task Publish_AgainAfterACrash_CommitsOnlyWhatIsMissing()
    {
        await using (var first = Publisher().Open(_partition))
        {
            await first.PublishAsync([Result(5)], -1, Ct);
            await first.PublishAsync([Result(3)], -1, Ct);
        }

        // The next owner reads from a cursor of 3 and gets the results of 3 and 5 again.
        await using (var second = Publisher().Open(_partition))
        {
            await second.PublishAsync([Result(3)], 3, Ct);
            await second.PublishAsync([Result(4), Result(5), Result(6)], 3, Ct);
        }

        Assert.Equal(["5", "3", "4", "6"], Committed());
    }

    [Fact]
    public async Task Publish_EarlierOwnerThatIsStillThere_IsFenced()
    {
        await using var first = Publisher().Open(_partition);
        await first.PublishAsync([Result(0)], -1, Ct);
        await using var second = Publisher().Open(_partition);
        await second.PublishAsync([Result(1)], -1, Ct);

        await Assert.ThrowsAsync<StaleEpochException>(() => first.PublishAsync([Result(2)], -1, Ct).WaitAsync(Patience, Ct));
        Assert.Equal(["0", "1"], Committed());
    }

    [Fact]
    public async Task Publish_CommitWhoseAnswerIsLost_IsNotCommittedAgain()
    {
        var transactions = new Unanswered(Kafka()) { Lost = 1 };
        await using (var session = new TransactionalResultPublisher(transactions, Options(), TimeProvider.System, ThreadPoolScheduler.Instance).Open(_partition))
        {
            await Assert.ThrowsAsync<TimeoutException>(() => session.PublishAsync([Result(0)], -1, Ct));
            await session.PublishAsync([Result(0), Result(1)], -1, Ct);
        }

        Assert.Equal(["0", "1"], Committed());
        Assert.Equal(2, transactions.Opened);
    }

    [Fact]
    public async Task Publish_AnotherPartitionsTransactionIsOpen_IsNotHeldUp()
    {
        var other = Kafka().Open(_partition with { Partition = 1 });
        other.Initialize();
        await using (var first = Publisher().Open(_partition))
        {
            await first.PublishAsync([Result(0)], -1, Ct);
        }

        await using var second = Publisher().Open(_partition);
        await second.PublishAsync([Result(0), Result(1)], -1, Ct).WaitAsync(Patience, Ct);
        other.Dispose();
        Assert.Equal(["0", "1"], Committed());
    }

    private static ResultsOptions Options() => new() { Transactional = true, TransactionInterval = TimeSpan.FromMilliseconds(5) };

    private KafkaResultTransactions Kafka() => new(
        _kafka, new PublisherOptions { Linger = TimeSpan.Zero }, Options(), NullLogger<TransactionalResultPublisher>.Instance);

    private TransactionalResultPublisher Publisher() => new(Kafka(), Options(), TimeProvider.System, ThreadPoolScheduler.Instance);

    private ResultMessage Result(long offset) => new(
        $"live/{_partition.Topic}/0/{offset}/0", Topics.LiveRun, _results, "key", DateTimeOffset.UnixEpoch, "plain", Encoding.ASCII.GetBytes($"{offset}"), offset, default);

    private List<string> Committed()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = _broker.BootstrapServers,
            GroupId = TestBroker.UniqueName("reader"),
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(_results, 0, Offset.Beginning));
        var values = new List<string>();
        while (consumer.Consume(Patience) is { IsPartitionEOF: false } record)
        {
            values.Add(Encoding.ASCII.GetString(record.Message.Value));
        }

        return values;
    }

    /// <summary>Real transactions whose first commits succeed and seem not to.</summary>
    private sealed class Unanswered(IResultTransactions inner) : IResultTransactions
    {
        public int Lost { get; set; }

        public int Opened { get; private set; }

        public IResultTransaction Open(PartitionId partition)
        {
            Opened++;
            return new Transaction(this, inner.Open(partition));
        }

        private sealed class Transaction(Unanswered owner, IResultTransaction inner) : IResultTransaction
        {
            public string? Initialize() => inner.Initialize();

            public void Commit(IReadOnlyList<ResultMessage> results, string note)
            {
                inner.Commit(results, note);
                if (owner.Lost-- > 0)
                {
                    throw new TimeoutException("no answer");
                }
            }

            public void Dispose() => inner.Dispose();
        }
    }
}

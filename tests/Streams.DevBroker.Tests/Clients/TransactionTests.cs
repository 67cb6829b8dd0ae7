using Confluent.Kafka;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

/// <summary>Transactions as a real client sees them; what is expected is what Apache Kafka 4.0 answers to it.</summary>
public sealed class TransactionTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly string _topic = TestBroker.UniqueName("tx");
    private readonly string _transactionalId = TestBroker.UniqueName("tx-id");
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        await _broker.CreateTopicAsync(_topic, 2);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public void Consume_FifteenRecordsOfWhichFiveAborted_ReadCommittedSeesTen()
    {
        using var producer = Producer();
        Transact(producer, 0, 5, commit: true);
        Transact(producer, 5, 5, commit: false);
        Transact(producer, 10, 5, commit: true);

        Assert.Equal([0, 1, 2, 3, 4, 10, 11, 12, 13, 14], ReadTo(18, IsolationLevel.ReadCommitted).Values);
        Assert.Equal(Enumerable.Range(0, 15), ReadTo(18, IsolationLevel.ReadUncommitted).Values);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Consume_BehindAnOpenTransaction_SeesNothingUntilItEnds(bool commit)
    {
        using var plain = KafkaClients.Producer(_broker);
        using var producer = Producer();
        Send(plain, 0, 1);
        producer.BeginTransaction();
        Send(producer, 1, 1);
        Send(plain, 2, 1);

        Assert.Equal([0], ReadTo(1, IsolationLevel.ReadCommitted).Values);
        Assert.Equal([0, 1, 2], ReadTo(3, IsolationLevel.ReadUncommitted).Values);

        using var waiting = Consumer(IsolationLevel.ReadCommitted);
        waiting.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        Assert.Equal(0, Number(waiting.Next()));
        if (commit)
            producer.CommitTransaction(s_patience);
        else
            producer.AbortTransaction(s_patience);
        if (commit)
            Assert.Equal(1, Number(waiting.Next()));
        Assert.Equal(2, Number(waiting.Next()));
    }

    [Fact]
    public async Task QueryWatermarkOffsets_OpenTransaction_ReadCommittedEndsBeforeIt()
    {
        using var producer = Producer();
        Transact(producer, 0, 3, commit: true);
        producer.BeginTransaction();
        Send(producer, 3, 2);

        using var committed = Consumer(IsolationLevel.ReadCommitted);
        using var uncommitted = Consumer(IsolationLevel.ReadUncommitted);
        Assert.Equal(4, committed.QueryWatermarkOffsets(new(_topic, 0), s_patience).High.Value);
        Assert.Equal(6, uncommitted.QueryWatermarkOffsets(new(_topic, 0), s_patience).High.Value);
        producer.AbortTransaction(s_patience);
        await KafkaClients.EventuallyAsync(
            () => Task.FromResult(committed.QueryWatermarkOffsets(new(_topic, 0), s_patience).High == 7), "the end is not behind the abort's marker");
    }

    [Fact]
    public void CommitTransaction_AfterASecondProducerTookTheId_IsFencedFatally()
    {
        using var first = Producer();
        first.BeginTransaction();
        Send(first, 0, 1);
        using var second = Producer();

        var fenced = Assert.ThrowsAny<KafkaException>(() => first.CommitTransaction(s_patience));
        Transact(second, 1, 1, commit: true);

        Assert.True(fenced.Error.IsFatal, fenced.Error.ToString());
        Assert.Equal([1], ReadTo(4, IsolationLevel.ReadCommitted).Values);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SendOffsetsToTransaction_AppearsAfterCommitOnly(bool commit)
    {
        string group = TestBroker.UniqueName("tx-group");
        using var consumer = Consumer(IsolationLevel.ReadCommitted, group);
        using var outsider = KafkaClients.Consumer(_broker, config => (config.GroupId, config.IsolationLevel) = (group, IsolationLevel.ReadUncommitted));
        using var producer = Producer();
        using var plain = KafkaClients.Producer(_broker);
        Send(plain, 0, 3);
        consumer.Subscribe(_topic);
        for (int i = 0; i < 3; i++)
            consumer.Next();

        producer.BeginTransaction();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(_topic, 0, 3)], consumer.ConsumerGroupMetadata, s_patience);
        Assert.Equal(Offset.Unset, Committed(outsider));
        if (commit)
            producer.CommitTransaction(s_patience);
        else
            producer.AbortTransaction(s_patience);

        Assert.Equal(commit ? 3 : Offset.Unset, Committed(consumer));
        consumer.Close();
    }

    [Fact]
    public void Consume_TransactionalTail_PositionAndEndCountTheMarkers()
    {
        using var producer = Producer();
        Transact(producer, 0, 10, commit: true);
        var committed = ReadTo(11, IsolationLevel.ReadCommitted);
        Assert.Equal((10, 9L, 11L, 11L), (committed.Values.Count, committed.LastOffset, committed.Position, committed.End));

        Transact(producer, 10, 5, commit: false);
        var aborted = ReadTo(17, IsolationLevel.ReadCommitted);
        Assert.Equal((10, 9L, 17L), (aborted.Values.Count, aborted.LastOffset, aborted.End));
    }

    [Fact]
    public void Consume_OnlyAbortedRecords_GivesNoneAndTheEndBehindTheMarker()
    {
        using var producer = Producer();
        Transact(producer, 0, 5, commit: false);

        var read = ReadTo(6, IsolationLevel.ReadCommitted);
        Assert.Equal((0, 6L), (read.Values.Count, read.End));
    }

    [Fact]
    public void Consume_TwoPartitionsInOneTransaction_BothAppearTogether()
    {
        using var producer = Producer();
        producer.BeginTransaction();
        Send(producer, 0, 3, partition: 0);
        Send(producer, 3, 3, partition: 1);
        Assert.Empty(ReadTo(0, IsolationLevel.ReadCommitted, 0).Values);
        Assert.Empty(ReadTo(0, IsolationLevel.ReadCommitted, 1).Values);

        producer.CommitTransaction(s_patience);

        Assert.Equal([0, 1, 2], ReadTo(4, IsolationLevel.ReadCommitted, 0).Values);
        Assert.Equal([3, 4, 5], ReadTo(4, IsolationLevel.ReadCommitted, 1).Values);
    }

    [Fact]
    public void CommitTransaction_AfterItsTimeout_WasAbortedByTheBroker()
    {
        using var producer = Producer(config => config.TransactionTimeoutMs = 1000);
        producer.BeginTransaction();
        Send(producer, 0, 2);

        // The broker's abort, and nothing else, lets the reader past the transaction.
        using var plain = KafkaClients.Producer(_broker);
        Send(plain, 2, 1);
        using var consumer = Consumer(IsolationLevel.ReadCommitted);
        consumer.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        Assert.Equal(2, Number(consumer.Next()));
        var late = Assert.ThrowsAny<KafkaException>(() => producer.CommitTransaction(s_patience));

        Assert.True(late.Error.IsFatal || late is KafkaTxnRequiresAbortException, late.Error.ToString());
        Assert.Equal([2], ReadTo(4, IsolationLevel.ReadCommitted).Values);
    }

    [Fact]
    public void InitTransactions_TimeoutAboveTheBrokersLimit_IsRefused()
    {
        var refused = Assert.ThrowsAny<KafkaException>(() => Producer(config => config.TransactionTimeoutMs = 2_000_000_000));

        Assert.Equal(ErrorCode.InvalidTransactionTimeout, refused.Error.Code);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task CommitTransaction_BrokerRestartsInTheMiddle_NothingIsLostDoubledOrSeenEarly(bool killed, bool commit)
    {
        _broker.RequireOwn("restarts it");
        using var producer = Producer(config => (config.ReconnectBackoffMaxMs, config.RetryBackoffMs) = (100, 50));
        Transact(producer, 0, 3, commit: true);
        producer.BeginTransaction();
        Send(producer, 3, 3, partition: 0);
        Send(producer, 6, 3, partition: 1);

        await _broker.RestartAsync(killed);
        Assert.Equal([0, 1, 2], ReadTo(4, IsolationLevel.ReadCommitted).Values);
        Send(producer, 9, 3, partition: 0);
        if (commit)
            producer.CommitTransaction(s_patience);
        else
            producer.AbortTransaction(s_patience);
        await _broker.RestartAsync(killed);

        int[] first = [0, 1, 2], second = [3, 4, 5, 9, 10, 11];
        Assert.Equal(commit ? first.Concat(second) : first, ReadTo(11, IsolationLevel.ReadCommitted).Values);
        Assert.Equal(commit ? [6, 7, 8] : [], ReadTo(4, IsolationLevel.ReadCommitted, partition: 1).Values);
        Transact(producer, 20, 1, commit: true);
        Assert.Equal(20, ReadTo(13, IsolationLevel.ReadCommitted).Values[^1]);
    }

    private IProducer<string, byte[]> Producer(Action<ProducerConfig>? configure = null)
    {
        var producer = KafkaClients.Producer(_broker, config =>
        {
            config.TransactionalId = _transactionalId;
            config.MessageTimeoutMs = null;
            config.TransactionTimeoutMs = 60_000;
            configure?.Invoke(config);
        });
        producer.InitTransactions(s_patience);
        return producer;
    }

    private IConsumer<string, byte[]> Consumer(IsolationLevel isolation, string? group = null, bool tellEnd = false) => KafkaClients.Consumer(_broker, config =>
    {
        config.IsolationLevel = isolation;
        config.EnablePartitionEof = tellEnd;
        // The end is told with an empty answer, for which a fetch waits this long.
        config.FetchWaitMaxMs = 50;
        config.GroupId = group ?? config.GroupId;
    });

    private void Transact(IProducer<string, byte[]> producer, int from, int count, bool commit)
    {
        producer.BeginTransaction();
        Send(producer, from, count);
        if (commit)
            producer.CommitTransaction(s_patience);
        else
            producer.AbortTransaction(s_patience);
    }

    private void Send(IProducer<string, byte[]> producer, int from, int count, int partition = 0)
    {
        for (int i = from; i < from + count; i++)
            producer.Produce(new TopicPartition(_topic, partition), new Message<string, byte[]> { Value = BitConverter.GetBytes(i) });
        producer.Flush(s_patience);
    }

    private Offset Committed(IConsumer<string, byte[]> consumer) => consumer.Committed([new TopicPartition(_topic, 0)], s_patience).Single().Offset;

    private static int Number(ConsumeResult<string, byte[]> record) => BitConverter.ToInt32(record.Message.Value);

    /// <summary>
    /// Reads a partition to its end, which is where the test says: a broker answers the end of a transaction before its
    /// markers are written, so the end that a reader meets first may be an earlier one.
    /// </summary>
    private ReadBack ReadTo(long end, IsolationLevel isolation, int partition = 0)
    {
        using var consumer = Consumer(isolation, tellEnd: true);
        var source = new TopicPartition(_topic, partition);
        consumer.Assign(new TopicPartitionOffset(source, Offset.Beginning));
        var values = new List<int>();
        long last = -1;
        while (true)
        {
            var record = consumer.Next();
            if (record.IsPartitionEOF && record.Offset < end)
                continue;
            if (record.IsPartitionEOF)
                return new(values, last, consumer.Position(source).Value, record.Offset.Value);
            values.Add(Number(record));
            last = record.Offset.Value;
        }
    }

    private sealed record ReadBack(List<int> Values, long LastOffset, long Position, long End);
}

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

        Assert.Equal([0, 1, 2, 3, 4, 10, 11, 12, 13, 14], ReadToEnd(IsolationLevel.ReadCommitted).Values);
        Assert.Equal(Enumerable.Range(0, 15), ReadToEnd(IsolationLevel.ReadUncommitted).Values);
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

        Assert.Equal([0], ReadToEnd(IsolationLevel.ReadCommitted).Values);
        Assert.Equal([0, 1, 2], ReadToEnd(IsolationLevel.ReadUncommitted).Values);

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
    public void QueryWatermarkOffsets_OpenTransaction_ReadCommittedEndsBeforeIt()
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
        Assert.Equal(7, committed.QueryWatermarkOffsets(new(_topic, 0), s_patience).High.Value);
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
        Assert.Equal([1], ReadToEnd(IsolationLevel.ReadCommitted).Values);
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
        var committed = ReadToEnd(IsolationLevel.ReadCommitted);
        Assert.Equal((10, 9L, 11L, 11L), (committed.Values.Count, committed.LastOffset, committed.Position, committed.End));

        Transact(producer, 10, 5, commit: false);
        var aborted = ReadToEnd(IsolationLevel.ReadCommitted);
        Assert.Equal((10, 9L, 17L), (aborted.Values.Count, aborted.LastOffset, aborted.End));
    }

    [Fact]
    public void Consume_OnlyAbortedRecords_GivesNoneAndTheEndBehindTheMarker()
    {
        using var producer = Producer();
        Transact(producer, 0, 5, commit: false);

        var read = ReadToEnd(IsolationLevel.ReadCommitted);
        Assert.Equal((0, 6L), (read.Values.Count, read.End));
    }

    [Fact]
    public void Consume_TwoPartitionsInOneTransaction_BothAppearTogether()
    {
        using var producer = Producer();
        producer.BeginTransaction();
        Send(producer, 0, 3, partition: 0);
        Send(producer, 3, 3, partition: 1);
        Assert.Empty(ReadToEnd(IsolationLevel.ReadCommitted, 0).Values);
        Assert.Empty(ReadToEnd(IsolationLevel.ReadCommitted, 1).Values);

        producer.CommitTransaction(s_patience);

        Assert.Equal([0, 1, 2], ReadToEnd(IsolationLevel.ReadCommitted, 0).Values);
        Assert.Equal([3, 4, 5], ReadToEnd(IsolationLevel.ReadCommitted, 1).Values);
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
        Assert.Equal([2], ReadToEnd(IsolationLevel.ReadCommitted).Values);
    }

    [Fact]
    public void InitTransactions_TimeoutAboveTheBrokersLimit_IsRefused()
    {
        var refused = Assert.ThrowsAny<KafkaException>(() => Producer(config => config.TransactionTimeoutMs = 2_000_000_000));

        Assert.Equal(ErrorCode.InvalidTransactionTimeout, refused.Error.Code);
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

    private ReadBack ReadToEnd(IsolationLevel isolation, int partition = 0)
    {
        using var consumer = Consumer(isolation, tellEnd: true);
        var source = new TopicPartition(_topic, partition);
        consumer.Assign(new TopicPartitionOffset(source, Offset.Beginning));
        var values = new List<int>();
        long last = -1;
        while (true)
        {
            var record = consumer.Next();
            if (record.IsPartitionEOF)
                return new(values, last, consumer.Position(source).Value, record.Offset.Value);
            values.Add(Number(record));
            last = record.Offset.Value;
        }
    }

    private sealed record ReadBack(List<int> Values, long LastOffset, long Position, long End);
}

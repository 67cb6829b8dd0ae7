using System.Collections.Concurrent;
using Confluent.Kafka;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

public sealed class ConsumerGroupTests : IAsyncLifetime
{
    private const int Partitions = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly string _topic = TestBroker.UniqueName("grouped");
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        await _broker.CreateTopicAsync(_topic, Partitions);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(PartitionAssignmentStrategy.Range)]
    [InlineData(PartitionAssignmentStrategy.CooperativeSticky)]
    public async Task Subscribe_SecondConsumerJoinsAndLeaves_PartitionsAreSharedAndReturned(PartitionAssignmentStrategy strategy)
    {
        string group = TestBroker.UniqueName("g");
        using var first = new PollingConsumer(_broker, _topic, group, strategy);
        await first.WaitForPartitions(Partitions);

        using (var second = new PollingConsumer(_broker, _topic, group, strategy))
        {
            await second.WaitForPartitions(Partitions / 2);
            await first.WaitForPartitions(Partitions / 2);
        }

        await first.WaitForPartitions(Partitions);
    }

    [Fact]
    public async Task Subscribe_AfterCommitAndBrokerRestart_ResumesBehindTheCommit()
    {
        _broker.RequireOwn("restarts it");
        string group = TestBroker.UniqueName("g");
        await ProduceAsync(0, 10);
        using (var consumer = KafkaClients.Consumer(_broker, config => config.GroupId = group))
        {
            consumer.Subscribe(_topic);
            for (int i = 0; i < 6; i++)
                consumer.Commit(consumer.Next());
            consumer.Close();
        }

        await _broker.RestartAsync(killed: true);

        using var resumed = KafkaClients.Consumer(_broker, config => config.GroupId = group);
        resumed.Subscribe(_topic);
        for (int i = 6; i < 10; i++)
            Assert.Equal(i, resumed.Next().Message.Value[0]);
        resumed.Close();
    }

    [Fact]
    public async Task Consume_BrokerRestartsMeanwhile_GroupContinues()
    {
        _broker.RequireOwn("restarts it");
        string group = TestBroker.UniqueName("g");
        await ProduceAsync(0, 3);
        using var consumer = KafkaClients.Consumer(_broker, config => config.GroupId = group);
        consumer.Subscribe(_topic);
        for (int i = 0; i < 3; i++)
            consumer.Commit(consumer.Next());

        await _broker.RestartAsync();
        await ProduceAsync(3, 3);

        for (int i = 3; i < 6; i++)
            Assert.Equal(i, consumer.Next().Message.Value[0]);
        consumer.Close();
    }

    [Fact]
    public async Task Subscribe_StaticMemberRestarts_KeepsItsPartitionsWithoutRebalance()
    {
        string group = TestBroker.UniqueName("g");
        using var other = new PollingConsumer(_broker, _topic, group, PartitionAssignmentStrategy.Range, "other");
        List<TopicPartition> before;
        using (var restarting = new PollingConsumer(_broker, _topic, group, PartitionAssignmentStrategy.Range, "restarting"))
        {
            await restarting.WaitForPartitions(Partitions / 2);
            await other.WaitForPartitions(Partitions / 2);
            before = restarting.Assigned;
        }

        int rebalances = other.Assignments;
        using var restarted = new PollingConsumer(_broker, _topic, group, PartitionAssignmentStrategy.Range, "restarting");
        await restarted.WaitForPartitions(Partitions / 2);

        Assert.Equal(before, restarted.Assigned);
        Assert.Equal(rebalances, other.Assignments);
    }

    [Fact]
    public async Task Commit_FromGenerationLeftBehind_IsRefused()
    {
        string group = TestBroker.UniqueName("g");
        await ProduceAsync(0, 1);
        using var consumer = KafkaClients.Consumer(_broker, config => config.GroupId = group);
        consumer.Subscribe(_topic);
        consumer.Next();

        using var outsider = KafkaClients.Consumer(_broker, config => config.GroupId = group);
        var refused = Assert.Throws<KafkaException>(() => outsider.Commit([new TopicPartitionOffset(_topic, 0, 1)]));

        Assert.Equal(ErrorCode.UnknownMemberId, refused.Error.Code);
        consumer.Close();
    }

    private async Task ProduceAsync(int from, int count)
    {
        using var producer = KafkaClients.Producer(_broker);
        for (int i = from; i < from + count; i++)
            await producer.ProduceAsync(new TopicPartition(_topic, 0), new Message<string, byte[]> { Key = "k", Value = [(byte)i] });
    }

    /// <summary>A consumer that polls on its own thread and tells what it was assigned.</summary>
    private sealed class PollingConsumer : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly BlockingCollection<int> _changes = [];
        private readonly IConsumer<string, byte[]> _consumer;
        private readonly Thread _thread;
        private readonly Lock _lock = new();
        private readonly SortedSet<int> _assigned = [];
        private readonly string _topic;

        public PollingConsumer(TestBroker broker, string topic, string group, PartitionAssignmentStrategy strategy, string? instance = null)
        {
            _topic = topic;
            var config = new ConsumerConfig
            {
                BootstrapServers = broker.BootstrapServers,
                GroupId = group,
                PartitionAssignmentStrategy = strategy,
                GroupInstanceId = instance,
                SessionTimeoutMs = 20_000,
                HeartbeatIntervalMs = 200,
            };
            _consumer = new ConsumerBuilder<string, byte[]>(config)
                .SetPartitionsAssignedHandler((_, added) => Change(set => set.UnionWith(added.Select(partition => partition.Partition.Value)), assigned: true))
                .SetPartitionsRevokedHandler((_, gone) => Change(set => set.ExceptWith(gone.Select(partition => partition.Partition.Value)), assigned: false))
                .Build();
            _consumer.Subscribe(topic);
            _thread = new Thread(Poll) { IsBackground = true };
            _thread.Start();
        }

        public int Assignments { get; private set; }

        public List<TopicPartition> Assigned
        {
            get
            {
                lock (_lock)
                    return [.. _assigned.Select(partition => new TopicPartition(_topic, partition))];
            }
        }

        public Task WaitForPartitions(int count) => Task.Run(() =>
        {
            using var patience = new CancellationTokenSource(s_patience);
            while (Assigned.Count != count)
                _changes.Take(patience.Token);
        });

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            _consumer.Close();
            _consumer.Dispose();
            _stop.Dispose();
        }

        private void Change(Action<SortedSet<int>> change, bool assigned)
        {
            lock (_lock)
            {
                change(_assigned);
                Assignments += assigned ? 1 : 0;
                _changes.Add(_assigned.Count);
            }
        }

        private void Poll()
        {
            try
            {
                while (true)
                    _consumer.Consume(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}

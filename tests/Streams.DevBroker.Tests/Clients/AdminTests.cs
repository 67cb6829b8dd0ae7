using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

public sealed class AdminTests : IAsyncLifetime
{
    private readonly string _topic = TestBroker.UniqueName("admin");
    private TestBroker _broker = null!;
    private IAdminClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartAsync();
        _admin = _broker.CreateAdmin();
    }

    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        return _broker.DisposeAsync();
    }

    [Fact]
    public async Task CreateTopics_Twice_SaysThatItExists()
    {
        await _broker.CreateTopicAsync(_topic, 3);

        var failure = await Assert.ThrowsAsync<CreateTopicsException>(() => _broker.CreateTopicAsync(_topic, 3));

        Assert.Equal(ErrorCode.TopicAlreadyExists, failure.Results[0].Error.Code);
        Assert.Equal(3, _admin.GetMetadata(_topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count);
    }

    [Theory]
    [InlineData("no/slash", 1, null, null, ErrorCode.TopicException)]
    [InlineData("none", 0, null, null, ErrorCode.InvalidPartitions)]
    [InlineData("config", 1, "retention.ms", "soon", ErrorCode.InvalidConfig)]
    [InlineData("config", 1, "retension.ms", "1", ErrorCode.InvalidConfig)]
    public async Task CreateTopics_WithBadInput_IsRefusedWithReason(string name, int partitions, string? setting, string? value, ErrorCode expected)
    {
        await AssertRefusedAsync(name, partitions, setting, value, expected);
    }

    [Theory]
    [InlineData("many", 5000, null, null, ErrorCode.InvalidPartitions)]
    [InlineData("config", 1, "max.message.bytes", "999999999", ErrorCode.InvalidConfig)]
    public async Task CreateTopics_OverOurOwnLimits_IsRefusedWithReason(string name, int partitions, string? setting, string? value, ErrorCode expected)
    {
        _broker.RequireOwn("asks for more than DevBroker takes, which Kafka takes");
        await AssertRefusedAsync(name, partitions, setting, value, expected);
    }

    private async Task AssertRefusedAsync(string name, int partitions, string? setting, string? value, ErrorCode expected)
    {
        var configs = setting is null ? null : new Dictionary<string, string> { [setting] = value! };

        var failure = await Assert.ThrowsAsync<CreateTopicsException>(() => _broker.CreateTopicAsync(name, partitions, configs));

        Assert.Equal(expected, failure.Results[0].Error.Code);
        Assert.NotEmpty(failure.Results[0].Error.Reason);
    }

    [Fact]
    public async Task DeleteTopics_ThenCreateAgain_StartsEmptyWithoutOldOffsets()
    {
        await _broker.CreateTopicAsync(_topic);
        using var producer = KafkaClients.Producer(_broker);
        await producer.ProduceAsync(_topic, new Message<string, byte[]> { Value = [1] }, TestContext.Current.CancellationToken);
        using var consumer = KafkaClients.Consumer(_broker, config => config.GroupId = _topic + ".group");
        consumer.Commit([new TopicPartitionOffset(_topic, 0, 1)]);

        await _admin.DeleteTopicsAsync([_topic]);
        await KafkaClients.EventuallyAsync(
            () => Task.FromResult(consumer.Committed([new TopicPartition(_topic, 0)], TimeSpan.FromSeconds(10)).Single().Offset == Offset.Unset),
            "the offset in the deleted topic is still there");
        await _broker.CreateTopicAsync(_topic);

        var watermarks = consumer.QueryWatermarkOffsets(new TopicPartition(_topic, 0), TimeSpan.FromSeconds(10));
        Assert.Equal(0, watermarks.High.Value);
    }

    [Fact]
    public async Task IncrementalAlterConfigs_SetAndDelete_IsDescribedAndKeptOverRestart()
    {
        await _broker.CreateTopicAsync(_topic, 1, new Dictionary<string, string> { ["retention.bytes"] = "1000" });
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = _topic };
        await _admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [resource] =
            [
                new() { Name = "retention.ms", Value = "12345", IncrementalOperation = AlterConfigOpType.Set },
                new() { Name = "retention.bytes", IncrementalOperation = AlterConfigOpType.Delete },
            ],
        });
        if (_broker.IsInProcess)
            await _broker.RestartAsync();
        var described = new Dictionary<string, ConfigEntryResult>();
        await KafkaClients.EventuallyAsync(
            async () => (described = (await _admin.DescribeConfigsAsync([resource])).Single().Entries)["retention.ms"].Value == "12345",
            "the changed setting is not described");

        Assert.Equal("12345", described["retention.ms"].Value);
        Assert.Equal(ConfigSource.DynamicTopicConfig, described["retention.ms"].Source);
        Assert.Equal("-1", described["retention.bytes"].Value);
        Assert.True(described["retention.bytes"].IsDefault);
    }

    [Fact]
    public async Task AlterConfigs_ReplacesAll()
    {
        await _broker.CreateTopicAsync(_topic, 1, new Dictionary<string, string> { ["retention.bytes"] = "1000" });
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = _topic };

        await _admin.AlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>> { [resource] = [new() { Name = "max.message.bytes", Value = "2000" }] });

        var described = new Dictionary<string, ConfigEntryResult>();
        await KafkaClients.EventuallyAsync(
            async () => (described = (await _admin.DescribeConfigsAsync([resource])).Single().Entries)["max.message.bytes"].Value == "2000",
            "the changed setting is not described");
        Assert.Equal("2000", described["max.message.bytes"].Value);
        Assert.Equal("-1", described["retention.bytes"].Value);
    }

    [Fact]
    public async Task DescribeConfigs_OfBroker_TellsItsLimits()
    {
        _broker.RequireOwn("compares with the options that it was started with");
        var described = (await _admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Broker, Name = "1" }])).Single().Entries;

        Assert.Equal(new DevBrokerOptions { DataDirectory = "unused" }.MaxMessageBytes.ToString(), described["message.max.bytes"].Value);
        Assert.True(described["message.max.bytes"].IsReadOnly);
    }

    [Fact]
    public async Task CreatePartitions_Larger_NewPartitionsTakeRecords()
    {
        await _broker.CreateTopicAsync(_topic, 2);

        await _admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = _topic, IncreaseTo = 5 }]);
        await KafkaClients.EventuallyAsync(
            () => Task.FromResult(_admin.GetMetadata(_topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count == 5), "the topic has no 5 partitions");

        using var producer = KafkaClients.Producer(_broker);
        var report = await producer.ProduceAsync(new TopicPartition(_topic, 4), new Message<string, byte[]> { Value = [1] }, TestContext.Current.CancellationToken);
        Assert.Equal(0, report.Offset.Value);
        var smaller = await Assert.ThrowsAsync<CreatePartitionsException>(
            () => _admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = _topic, IncreaseTo = 3 }]));
        Assert.Equal(ErrorCode.InvalidPartitions, smaller.Results[0].Error.Code);
    }

    [Fact]
    public async Task DeleteRecords_ToOffset_MovesTheStartForGood()
    {
        await _broker.CreateTopicAsync(_topic);
        using var producer = KafkaClients.Producer(_broker);
        for (int i = 0; i < 10; i++)
            await producer.ProduceAsync(_topic, new Message<string, byte[]> { Value = [(byte)i] }, TestContext.Current.CancellationToken);

        var deleted = await _admin.DeleteRecordsAsync([new TopicPartitionOffset(_topic, 0, 7)]);
        if (_broker.IsInProcess)
            await _broker.RestartAsync(killed: true);

        Assert.Equal(7, deleted.Single().Offset.Value);
        using var consumer = KafkaClients.Consumer(_broker);
        consumer.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        Assert.Equal(7, consumer.Next().Offset.Value);
    }

    [Fact]
    public async Task DescribeCluster_AndTopics_TellTheBrokers()
    {
        await _broker.CreateTopicAsync(_topic, 2);

        var cluster = await _admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeAuthorizedOperations = true });
        var topics = await _admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([_topic]), new DescribeTopicsOptions { IncludeAuthorizedOperations = true });

        Assert.Contains(cluster.Controller.Id, cluster.Nodes.Select(node => node.Id));
        Assert.NotEmpty(cluster.ClusterId);
        Assert.Contains(AclOperation.Describe, cluster.AuthorizedOperations);
        var topic = topics.TopicDescriptions.Single();
        Assert.Equal(2, topic.Partitions.Count);
        Assert.NotEqual("AAAAAAAAAAAAAAAAAAAAAA", topic.TopicId.ToString());
    }

    [Fact]
    public async Task ConsumerGroups_ListDescribeAlterOffsetsDelete_Work()
    {
        string group = _topic + ".group";
        await _broker.CreateTopicAsync(_topic, 2);
        using (var consumer = KafkaClients.Consumer(_broker, config => (config.GroupId, config.ClientId) = (group, "operator-test")))
        {
            using var producer = KafkaClients.Producer(_broker);
            await producer.ProduceAsync(new TopicPartition(_topic, 0), new Message<string, byte[]> { Value = [1] }, TestContext.Current.CancellationToken);
            consumer.Subscribe(_topic);
            consumer.Commit(consumer.Next());

            var live = (await _admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single();
            Assert.Equal(ConsumerGroupState.Stable, live.State);
            Assert.Equal("operator-test", live.Members.Single().ClientId);
            Assert.Equal(2, live.Members.Single().Assignment.TopicPartitions.Count);
            var inUse = await Assert.ThrowsAsync<DeleteGroupsException>(() => _admin.DeleteGroupsAsync([group]));
            Assert.Equal(ErrorCode.NonEmptyGroup, inUse.Results[0].Error.Code);
            consumer.Close();
        }

        Assert.Contains((await _admin.ListConsumerGroupsAsync()).Valid, listed => listed.GroupId == group && listed.State == ConsumerGroupState.Empty);
        await _admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets(group, [new TopicPartitionOffset(_topic, 1, 42)])]);
        var offsets = (await _admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, null)])).Single().Partitions;
        Assert.Equal([1L, 42L], offsets.OrderBy(offset => offset.Partition.Value).Select(offset => offset.Offset.Value));
        await _admin.DeleteConsumerGroupOffsetsAsync(group, [new TopicPartition(_topic, 1)]);
        Assert.Single((await _admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, null)])).Single().Partitions);
        await _admin.DeleteGroupsAsync([group]);
        Assert.DoesNotContain((await _admin.ListConsumerGroupsAsync()).Valid, listed => listed.GroupId == group);
    }
}

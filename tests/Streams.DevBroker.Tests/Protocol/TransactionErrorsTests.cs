using Streams.DevBroker.Protocol;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Protocol;

/// <summary>Which error each wrong step of a transactional producer is answered with.</summary>
public sealed class TransactionErrorsTests : IAsyncLifetime
{
    private const string Topic = "t";
    private TestBroker _broker = null!;
    private RawClient _client = null!;
    private RawTransactions _producer = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartInProcessAsync();
        await _broker.CreateTopicAsync(Topic, 2);
        _client = new RawClient(_broker);
        _producer = new RawTransactions(_client, "tx", Topic);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(900_001)]
    public async Task InitProducerId_TimeoutOutOfRange_IsRefused(int timeoutMs) =>
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, await _producer.InitAsync(timeoutMs: timeoutMs));

    [Fact]
    public async Task InitProducerId_EmptyTransactionalId_IsRefused() =>
        Assert.Equal(ErrorCode.InvalidRequest, await new RawTransactions(_client, "", Topic).InitAsync());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task InitProducerId_Again_KeepsTheIdAndBumpsTheEpoch(short version)
    {
        Assert.Equal(ErrorCode.None, await _producer.InitAsync(version));
        var first = (_producer.ProducerId, _producer.Epoch);
        Assert.Equal(ErrorCode.None, await _producer.InitAsync(version));

        Assert.Equal(0, first.Epoch);
        Assert.Equal((first.ProducerId, (short)1), (_producer.ProducerId, _producer.Epoch));
    }

    [Theory]
    [InlineData(3, nameof(ErrorCode.InvalidProducerEpoch))]
    [InlineData(4, nameof(ErrorCode.ProducerFenced))]
    public async Task InitProducerId_NamingItself_BumpsOnceAndAZombieIsFenced(short version, string fenced)
    {
        await _producer.InitAsync(version);
        Assert.Equal(ErrorCode.None, await _producer.InitAsync(version, named: true));
        Assert.Equal(1, _producer.Epoch);

        // The answer got lost: the same question has the same answer.
        _producer.Epoch = 0;
        Assert.Equal(ErrorCode.None, await _producer.InitAsync(version, named: true));
        Assert.Equal(1, _producer.Epoch);

        await _producer.InitAsync(version);
        Assert.Equal(2, _producer.Epoch);
        _producer.Epoch = 1;
        Assert.Equal(fenced, (await _producer.InitAsync(version, named: true)).ToString());
        _producer.ProducerId += 1;
        Assert.Equal(fenced, (await _producer.InitAsync(version, named: true)).ToString());
    }

    [Theory]
    [InlineData(1, nameof(ErrorCode.InvalidProducerEpoch))]
    [InlineData(2, nameof(ErrorCode.ProducerFenced))]
    [InlineData(3, nameof(ErrorCode.ProducerFenced))]
    public async Task Coordinate_WithAnOldEpoch_IsFencedInTheWordsOfTheVersion(short version, string expected)
    {
        await _producer.InitAsync();
        await _producer.InitAsync();
        _producer.Epoch = 0;

        Assert.Equal(expected, Assert.Single(await _producer.AddPartitionsAsync(version, 0)).ToString());
        Assert.Equal(expected, (await _producer.AddOffsetsAsync("g", version)).ToString());
        Assert.Equal(expected, (await _producer.EndAsync(commit: true, version)).ToString());
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await _producer.CommitOffsetAsync("g", 1, version));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await _producer.ProduceAsync(0, 0));
    }

    [Fact]
    public async Task Coordinate_WithAnUnknownIdOrProducer_IsAMappingError()
    {
        _producer.ProducerId = 4711;
        _producer.Epoch = 0;
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal([ErrorCode.InvalidProducerIdMapping], await _producer.AddPartitionsAsync(3, 0));
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, await _producer.AddOffsetsAsync("g"));
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, await _producer.EndAsync(commit: true));
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, await _producer.CommitOffsetAsync("g", 1));
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, await _producer.ProduceAsync(0, 0));
            // The second time the transactional id is known, under another producer id.
            await new RawTransactions(_client, "tx", Topic).InitAsync();
        }
    }

    [Fact]
    public async Task Produce_OutsideOfTheTransaction_IsRefused()
    {
        await _producer.InitAsync();
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.ProduceAsync(0, 0));
        Assert.Equal([ErrorCode.None], await _producer.AddPartitionsAsync(3, 0));
        Assert.Equal(ErrorCode.None, await _producer.ProduceAsync(0, 0));
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.ProduceAsync(1, 0));
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, await _producer.ProduceAsync(0, 1, named: false));
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.ProduceAsync(0, 1, attributes: 0));
        Assert.Equal(ErrorCode.InvalidRecord, await _producer.ProduceAsync(0, 1, attributes: 0x30));
        Assert.Equal(ErrorCode.None, await _producer.EndAsync(commit: true));
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.ProduceAsync(0, 1));
    }

    [Fact]
    public async Task AddPartitions_OneUnknown_AddsNone()
    {
        await _producer.InitAsync();
        Assert.Equal([ErrorCode.OperationNotAttempted, ErrorCode.UnknownTopicOrPartition], await _producer.AddPartitionsAsync(3, 0, 9));
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.ProduceAsync(0, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EndTxn_Repeated_IsDoneOnceAndTheOppositeRefused(bool commit)
    {
        await _producer.InitAsync();
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.EndAsync(commit));
        await _producer.AddPartitionsAsync(3, 0);
        await _producer.ProduceAsync(0, 0);

        Assert.Equal(ErrorCode.None, await _producer.EndAsync(commit));
        Assert.Equal(ErrorCode.None, await _producer.EndAsync(commit));
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.EndAsync(!commit));
        Assert.Equal(2, _broker.Server.Broker.Topics.Find(Topic, 0)!.HighWatermark);
    }

    [Fact]
    public async Task Produce_RetriedBatchInTheTransaction_IsWrittenOnce()
    {
        await _producer.InitAsync();
        await _producer.AddPartitionsAsync(3, 0);
        Assert.Equal(ErrorCode.None, await _producer.ProduceAsync(0, 0, records: 3));
        Assert.Equal(ErrorCode.None, await _producer.ProduceAsync(0, 0, records: 3));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, await _producer.ProduceAsync(0, 5));
        Assert.Equal(3, _broker.Server.Broker.Topics.Find(Topic, 0)!.HighWatermark);
    }

    [Fact]
    public async Task InitProducerId_WhileATransactionIsOpen_AbortsItAndFencesThePartition()
    {
        await _producer.InitAsync();
        await _producer.AddPartitionsAsync(3, 0);
        await _producer.ProduceAsync(0, 0);
        var successor = new RawTransactions(_client, "tx", Topic);
        Assert.Equal(ErrorCode.None, await successor.InitAsync());

        var log = _broker.Server.Broker.Topics.Find(Topic, 0)!;
        Assert.Equal((2L, 2L), (log.HighWatermark, log.LastStableOffset));
        Assert.Equal((_producer.ProducerId, (short)2), (successor.ProducerId, successor.Epoch));
        // Also without the coordinator's knowledge: an idempotent write under the old epoch.
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await _producer.ProduceAsync(0, 1, named: false, attributes: 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task TxnOffsetCommit_ChecksTransactionAndMember(short version)
    {
        await _producer.InitAsync();
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.CommitOffsetAsync("g", 5, version));
        Assert.Equal(ErrorCode.None, await _producer.AddOffsetsAsync("g"));
        Assert.Equal(ErrorCode.InvalidTxnState, await _producer.CommitOffsetAsync("other", 5, version));
        Assert.Equal(ErrorCode.None, await _producer.CommitOffsetAsync("g", 5, version));
        if (version >= 3)
        {
            Assert.Equal(ErrorCode.UnknownMemberId, await _producer.CommitOffsetAsync("g", 6, version, generation: 1, member: "nobody"));
            await _producer.AddOffsetsAsync("new");
            Assert.Equal(ErrorCode.IllegalGeneration, await _producer.CommitOffsetAsync("new", 6, version, generation: 1, member: "nobody"));
        }

        Assert.Equal((-1L, ErrorCode.None), await FetchOffsetAsync(requireStable: false));
        Assert.Equal((-1L, ErrorCode.UnstableOffsetCommit), await FetchOffsetAsync(requireStable: true));
        Assert.Equal(ErrorCode.None, await _producer.EndAsync(commit: true));
        Assert.Equal((5L, ErrorCode.None), await FetchOffsetAsync(requireStable: true));
    }

    [Fact]
    public async Task FindCoordinator_ForTransactions_IsThisBroker()
    {
        var answer = await _client.AskAsync(ApiKey.FindCoordinator, 2, flexible: false, writer =>
        {
            writer.WriteString("tx");
            writer.WriteInt8(1);
        });
        answer.ReadInt32("throttle");
        Assert.Equal(ErrorCode.None, (ErrorCode)answer.ReadInt16("error"));
        answer.ReadNullableString("message");
        Assert.Equal(1, answer.ReadInt32("node"));
    }

    [Fact]
    public async Task DescribeTransactions_OpenAndUnknown_TellsStateAndPartitions()
    {
        await _producer.InitAsync(timeoutMs: 4000);
        await _producer.AddPartitionsAsync(3, 1, 0);

        var answer = await _client.AskAsync(ApiKey.DescribeTransactions, 0, flexible: true, writer =>
        {
            writer.WriteArray(["tx", "nobody"], (_, id) => writer.WriteString(id));
            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        var states = answer.ReadArray("states", item =>
        {
            var state = ((ErrorCode)item.ReadInt16("error"), item.ReadString("id"), item.ReadString("state"), item.ReadInt32("timeout"));
            Assert.Equal(state.Item1 == ErrorCode.None, item.ReadInt64("start") > 0);
            Assert.Equal(state.Item1 == ErrorCode.None ? (_producer.ProducerId, (short)0) : (-1L, (short)-1), (item.ReadInt64("producer"), item.ReadInt16("epoch")));
            var topics = item.ReadArray("topics", topic =>
            {
                string name = topic.ReadString("name");
                string partitions = string.Join(',', topic.ReadArray("partitions", index => index.ReadInt32("partition")));
                topic.SkipTags();
                return $"{name}:{partitions}";
            });
            item.SkipTags();
            return (state, string.Join(' ', topics));
        });
        answer.SkipTags();
        Assert.Equal(0, answer.Remaining);
        Assert.Equal([((ErrorCode.None, "tx", "Ongoing", 4000), "t:0,1"), ((ErrorCode.TransactionalIdNotFound, "nobody", "", 0), "")], states);
    }

    [Theory]
    [InlineData("Ongoing", -1, "tx")]
    [InlineData("Empty", -1, "idle")]
    [InlineData("", -1, "idle tx")]
    [InlineData("", 3_600_000, "")]
    [InlineData("Nonsense", -1, "")]
    public async Task ListTransactions_WithFilters_ListsWhatFits(string state, long openForMs, string expected)
    {
        await _producer.InitAsync();
        await _producer.AddPartitionsAsync(3, 0);
        await new RawTransactions(_client, "idle", Topic).InitAsync();

        var answer = await _client.AskAsync(ApiKey.ListTransactions, 1, flexible: true, writer =>
        {
            writer.WriteArray(state.Length > 0 ? [state] : Array.Empty<string>(), (_, filter) => writer.WriteString(filter));
            writer.WriteArrayLength(0);
            writer.WriteInt64(openForMs);
            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        Assert.Equal(ErrorCode.None, (ErrorCode)answer.ReadInt16("error"));
        Assert.Equal(state == "Nonsense" ? ["Nonsense"] : [], answer.ReadArray("unknown", item => item.ReadString("state")));
        var ids = answer.ReadArray("transactions", item =>
        {
            string id = item.ReadString("id");
            item.ReadInt64("producer");
            item.ReadString("state");
            item.SkipTags();
            return id;
        });
        Assert.Equal(expected, string.Join(' ', ids));
    }

    [Fact]
    public async Task DescribeProducers_WithAnOpenTransaction_TellsWhereItBegan()
    {
        await _producer.InitAsync();
        await _producer.AddPartitionsAsync(3, 0);
        await _producer.ProduceAsync(0, 0, records: 4);

        var answer = await _client.AskAsync(ApiKey.DescribeProducers, 0, flexible: true, writer =>
        {
            writer.WriteArray([Topic], (_, name) =>
            {
                writer.WriteString(name);
                writer.WriteArray([0, 9], (_, partition) => writer.WriteInt32(partition));
                writer.WriteNoTags();
            });
            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        var partitions = answer.ReadArray("topics", topic =>
        {
            topic.ReadString("name");
            var found = topic.ReadArray("partitions", item =>
            {
                item.ReadInt32("index");
                var error = (ErrorCode)item.ReadInt16("error");
                item.ReadNullableString("message");
                var producers = item.ReadArray("producers", producer =>
                {
                    var active = (producer.ReadInt64("id"), producer.ReadInt32("epoch"), producer.ReadInt32("last_sequence"));
                    producer.ReadInt64("last_timestamp");
                    producer.ReadInt32("coordinator_epoch");
                    long start = producer.ReadInt64("start");
                    producer.SkipTags();
                    return (active, start);
                });
                item.SkipTags();
                return (error, producers);
            });
            topic.SkipTags();
            return found;
        }).Single();
        Assert.Equal((ErrorCode.None, ((_producer.ProducerId, 0, 3), 0L)), (partitions[0].error, Assert.Single(partitions[0].producers)));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, 0), (partitions[1].error, partitions[1].producers.Count));
    }

    private async Task<(long Offset, ErrorCode Error)> FetchOffsetAsync(bool requireStable)
    {
        var answer = await _client.AskAsync(ApiKey.OffsetFetch, 7, flexible: true, writer =>
        {
            writer.WriteString("g");
            writer.WriteArray([Topic], (_, name) =>
            {
                writer.WriteString(name);
                writer.WriteArray([0], (_, partition) => writer.WriteInt32(partition));
                writer.WriteNoTags();
            });
            writer.WriteBoolean(requireStable);
            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        return answer.ReadArray("topics", topic =>
        {
            topic.ReadString("name");
            return topic.ReadArray("partitions", item =>
            {
                item.ReadInt32("index");
                long offset = item.ReadInt64("offset");
                item.ReadInt32("leader_epoch");
                item.ReadNullableString("metadata");
                var error = (ErrorCode)item.ReadInt16("error");
                item.SkipTags();
                return (offset, error);
            }).Single();
        }).Single();
    }
}

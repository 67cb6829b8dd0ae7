using Streams.DevBroker.Protocol;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Protocol;

public sealed class FetchSessionTests : IAsyncLifetime
{
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await TestBroker.StartInProcessAsync();
        await _broker.CreateTopicAsync("t");
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(7, 0, ErrorCodeNone)]
    [InlineData(7, 4711, SessionNotFound)]
    [InlineData(12, 0, ErrorCodeNone)]
    [InlineData(12, 4711, SessionNotFound)]
    [InlineData(16, 0, ErrorCodeNone)]
    [InlineData(16, 4711, SessionNotFound)]
    public async Task Fetch_WithSession_IsDeclinedTheWayTheProtocolProvides(short version, int session, short expected)
    {
        using var client = new RawClient(_broker);
        var topicId = _broker.Server.Broker.Topics.Find("t")!.Id;

        var answer = await client.AskAsync(ApiKey.Fetch, version, version >= 12, writer => WriteFetch(writer, version, session, topicId));

        Assert.Equal(0, answer.ReadInt32("throttle"));
        Assert.Equal(expected, answer.ReadInt16("error"));
        Assert.Equal(0, answer.ReadInt32("session_id"));
        var topics = answer.ReadArray("responses", item => ReadTopic(item, version, topicId));
        answer.SkipTags();
        Assert.Equal(0, answer.Remaining);
        Assert.Equal(session == 0 ? 1 : 0, topics.Count);
    }

    private const short ErrorCodeNone = 0;
    private const short SessionNotFound = 70;

    private static void WriteFetch(KafkaWriter writer, short version, int session, Guid topicId)
    {
        if (version <= 14)
            writer.WriteInt32(-1);
        writer.WriteInt32(0);
        writer.WriteInt32(1);
        writer.WriteInt32(1000);
        writer.WriteInt8(0);
        writer.WriteInt32(session);
        writer.WriteInt32(session == 0 ? 0 : 1);
        writer.WriteArrayLength(1);
        WriteTopicName(writer, version, topicId);
        writer.WriteArrayLength(1);
        writer.WriteInt32(0);
        if (version >= 9)
            writer.WriteInt32(-1);
        writer.WriteInt64(0);
        if (version >= 12)
            writer.WriteInt32(-1);
        writer.WriteInt64(-1);
        writer.WriteInt32(1000);
        writer.WriteNoTags();
        writer.WriteNoTags();
        writer.WriteArrayLength(0);
        if (version >= 11)
            writer.WriteString(string.Empty);
        writer.WriteNoTags();
    }

    private static void WriteTopicName(KafkaWriter writer, short version, Guid topicId)
    {
        if (version >= 13)
            writer.WriteUuid(topicId);
        else
            writer.WriteString("t");
    }

    private static bool ReadTopic(KafkaReader reader, short version, Guid topicId)
    {
        if (version >= 13)
            Assert.Equal(topicId, reader.ReadUuid("topic_id"));
        else
            Assert.Equal("t", reader.ReadString("topic"));
        reader.ReadArray("partitions", item =>
        {
            Assert.Equal(0, item.ReadInt32("index"));
            Assert.Equal(ErrorCodeNone, item.ReadInt16("error"));
            Assert.Equal((0L, 0L, 0L), (item.ReadInt64("high_watermark"), item.ReadInt64("last_stable"), item.ReadInt64("log_start")));
            Assert.Null(item.ReadNullableArray("aborted", aborted => aborted.ReadInt64("producer_id")));
            if (version >= 11)
                Assert.Equal(-1, item.ReadInt32("preferred_read_replica"));
            Assert.Equal(0, item.ReadBytes("records").Length);
            item.SkipTags();
            return true;
        });
        reader.SkipTags();
        return true;
    }
}

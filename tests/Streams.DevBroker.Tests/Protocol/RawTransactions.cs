using Streams.DevBroker.Protocol;
using Streams.DevBroker.Tests.Log;

namespace Streams.DevBroker.Tests.Protocol;

/// <summary>The requests of a transactional producer, one by one and in any order.</summary>
internal sealed class RawTransactions(RawClient client, string transactionalId, string topic)
{
    public long ProducerId { get; set; } = -1;

    public short Epoch { get; set; } = -1;

    /// <summary>Asks for id and epoch; takes them over when there is no error.</summary>
    public async Task<ErrorCode> InitAsync(short version = 4, int timeoutMs = 60_000, bool named = false)
    {
        var answer = await client.AskAsync(ApiKey.InitProducerId, version, version >= 2, writer =>
        {
            writer.WriteNullableString(transactionalId);
            writer.WriteInt32(timeoutMs);
            if (version >= 3)
            {
                writer.WriteInt64(named ? ProducerId : -1);
                writer.WriteInt16(named ? Epoch : (short)-1);
            }

            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        var error = (ErrorCode)answer.ReadInt16("error");
        long producerId = answer.ReadInt64("producer_id");
        short epoch = answer.ReadInt16("producer_epoch");
        if (error == ErrorCode.None)
            (ProducerId, Epoch) = (producerId, epoch);
        else
            Assert.Equal((-1L, (short)-1), (producerId, epoch));
        return error;
    }

    public async Task<List<ErrorCode>> AddPartitionsAsync(short version = 3, params int[] partitions)
    {
        var answer = await client.AskAsync(ApiKey.AddPartitionsToTxn, version, version >= 3, writer =>
        {
            WriteProducer(writer);
            writer.WriteArray([topic], (_, name) =>
            {
                writer.WriteString(name);
                writer.WriteArray(partitions, (_, partition) => writer.WriteInt32(partition));
                writer.WriteNoTags();
            });
            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        return ReadPartitionErrors(answer);
    }

    public Task<ErrorCode> AddOffsetsAsync(string group, short version = 3) => AskForErrorAsync(ApiKey.AddOffsetsToTxn, version, writer => writer.WriteString(group));

    public Task<ErrorCode> EndAsync(bool commit, short version = 3) => AskForErrorAsync(ApiKey.EndTxn, version, writer => writer.WriteBoolean(commit));

    public async Task<ErrorCode> CommitOffsetAsync(string group, long offset, short version = 3, int generation = -1, string member = "")
    {
        var answer = await client.AskAsync(ApiKey.TxnOffsetCommit, version, version >= 3, writer =>
        {
            writer.WriteString(transactionalId);
            writer.WriteString(group);
            writer.WriteInt64(ProducerId);
            writer.WriteInt16(Epoch);
            if (version >= 3)
            {
                writer.WriteInt32(generation);
                writer.WriteString(member);
                writer.WriteNullableString(null);
            }

            writer.WriteArray([topic], (_, name) =>
            {
                writer.WriteString(name);
                writer.WriteArray([0], (_, partition) =>
                {
                    writer.WriteInt32(partition);
                    writer.WriteInt64(offset);
                    if (version >= 2)
                        writer.WriteInt32(-1);
                    writer.WriteNullableString("note");
                    writer.WriteNoTags();
                });
                writer.WriteNoTags();
            });
            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        return Assert.Single(ReadPartitionErrors(answer));
    }

    /// <summary>Sends one batch; a transactional one unless told otherwise.</summary>
    public async Task<ErrorCode> ProduceAsync(int partition, int sequence, bool named = true, short attributes = 0x10, int records = 1)
    {
        byte[] batch = Batches.Make(records, producerId: ProducerId, epoch: Epoch, sequence: sequence, attributes: attributes);
        var answer = await client.AskAsync(ApiKey.Produce, 7, flexible: false, writer =>
        {
            writer.WriteNullableString(named ? transactionalId : null);
            writer.WriteInt16(-1);
            writer.WriteInt32(1000);
            writer.WriteArray([topic], (_, name) =>
            {
                writer.WriteString(name);
                writer.WriteArrayLength(1);
                writer.WriteInt32(partition);
                writer.WriteBytes(batch);
            });
        });
        return answer.ReadArray("responses", item =>
        {
            item.ReadString("name");
            return item.ReadArray("partitions", result =>
            {
                result.ReadInt32("index");
                var error = (ErrorCode)result.ReadInt16("error");
                result.ReadInt64("base_offset");
                result.ReadInt64("log_append_time");
                result.ReadInt64("log_start");
                return error;
            }).Single();
        }).Single();
    }

    private static List<ErrorCode> ReadPartitionErrors(KafkaReader answer)
    {
        var errors = answer.ReadArray("topics", item =>
        {
            item.ReadString("name");
            var results = item.ReadArray("partitions", result =>
            {
                result.ReadInt32("index");
                var error = (ErrorCode)result.ReadInt16("error");
                result.SkipTags();
                return error;
            });
            item.SkipTags();
            return results;
        }).SelectMany(results => results).ToList();
        answer.SkipTags();
        Assert.Equal(0, answer.Remaining);
        return errors;
    }

    private void WriteProducer(KafkaWriter writer)
    {
        writer.WriteString(transactionalId);
        writer.WriteInt64(ProducerId);
        writer.WriteInt16(Epoch);
    }

    private async Task<ErrorCode> AskForErrorAsync(ApiKey key, short version, Action<KafkaWriter> last)
    {
        var answer = await client.AskAsync(key, version, version >= 3, writer =>
        {
            WriteProducer(writer);
            last(writer);
            writer.WriteNoTags();
        });
        answer.ReadInt32("throttle");
        var error = (ErrorCode)answer.ReadInt16("error");
        answer.SkipTags();
        Assert.Equal(0, answer.Remaining);
        return error;
    }
}

using System.Text;
using Confluent.Kafka;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.Fakes;

/// <summary>Records as they come from a broker.</summary>
internal static class Records
{
    public static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static ConsumeResult<byte[]?, byte[]?> Plain(long offset, string key, string value = "v", string topic = "t", int partition = 0) =>
        Raw(offset, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), [], topic, partition);

    public static ConsumeResult<byte[]?, byte[]?> Event(
        string topic, string key, EventEnvelope envelope, byte[]? value, params (string Name, string Value)[] headers) =>
        Raw(
            7,
            Encoding.UTF8.GetBytes(key),
            value,
            [.. envelope.ToHeaders(), .. headers.Select(header => KeyValuePair.Create(header.Name, Encoding.UTF8.GetBytes(header.Value)))],
            topic);

    public static ConsumeResult<byte[]?, byte[]?> Raw(
        long offset, byte[]? key, byte[]? value, IEnumerable<KeyValuePair<string, byte[]>> headers, string topic = "t", int partition = 0)
    {
        var message = new Message<byte[]?, byte[]?> { Key = key, Value = value, Headers = [], Timestamp = new Timestamp(Time) };
        foreach (var (name, bytes) in headers)
        {
            message.Headers.Add(name, bytes);
        }

        return new ConsumeResult<byte[]?, byte[]?> { TopicPartitionOffset = new TopicPartitionOffset(topic, partition, offset), Message = message };
    }
}

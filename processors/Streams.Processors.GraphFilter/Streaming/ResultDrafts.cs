using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Results of the record that led to them.</summary>
internal static class ResultDrafts
{
    public static ResultDraft Of<T>(InputRecord record, string topic, string type, DateTimeOffset time, T data) =>
        new(record.Partition, record.Offset, topic, type, time, ResultJson.Serialize(data));
}

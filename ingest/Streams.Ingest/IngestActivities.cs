using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Ingest;

/// <summary>
/// All spans of this project, by the OpenTelemetry messaging conventions. A trace comes with a record in its header <c>traceparent</c> and goes on with
/// the results that the record leads to.
/// </summary>
internal static class IngestActivities
{
    private static readonly ActivitySource Source = new(IngestMetrics.Name);

    /// <summary>Whether anybody wants spans.</summary>
    public static bool AreWanted => Source.HasListeners();

    /// <summary>A record is sent. Its parent is what the record's own header names, else what happens around.</summary>
    public static Activity? StartSend(string topic, string? traceParent) =>
        !Source.HasListeners() ? null
        : Source.StartActivity(
            ActivityKind.Producer,
            ActivityContext.TryParse(traceParent, null, isRemote: false, out var parent) ? parent : Activity.Current?.Context ?? default,
            Tags("send", topic),
            name: $"send {topic}");

    /// <summary>
    /// Records of one key, or of many that share a call, are processed. Where all of them are of one trace the span belongs to it; a batch of several has a link to each instead.
    /// </summary>
    public static Activity? StartProcess(PartitionId partition, string group, string? key, IReadOnlyList<string?> traceParents)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var contexts = new List<ActivityContext>();
        foreach (var text in traceParents)
        {
            if (ActivityContext.TryParse(text, null, isRemote: true, out var context))
            {
                contexts.Add(context);
            }
        }

        var single = contexts.Count > 0 && contexts.TrueForAll(context => context.TraceId == contexts[0].TraceId);
        return Source.StartActivity(
            ActivityKind.Consumer,
            single ? contexts[0] : default,
            [
                .. Tags("process", partition.Topic),
                new("messaging.consumer.group.name", group),
                new("messaging.destination.partition.id", partition.Partition),
                new("messaging.batch.message_count", traceParents.Count),
                new("messaging.kafka.message.key", key),
                new("streams.run", partition.Run)
            ],
            links: contexts.Select(context => new ActivityLink(context)),
            name: $"process {partition.Topic}");
    }

    /// <summary>The trace that a record came with; null when it is of none, or its header is nonsense.</summary>
    public static string? TraceParentOf(Message<byte[]?, byte[]?> message) =>
        message.Headers?.TryGetLastBytes(Headers.TraceParent, out var bytes) is true && bytes is { Length: 55 } ? Encoding.ASCII.GetString(bytes) : null;

    /// <summary>Says that what the span stands for has failed.</summary>
    public static void Fail(this Activity? activity, Exception error)
    {
        activity?.SetTag("error.type", error.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, error.Message);
    }

    private static IEnumerable<KeyValuePair<string, object?>> Tags(string operation, string topic) =>
    [
        new("messaging.system", "kafka"),
        new("messaging.operation.name", operation),
        new("messaging.operation.type", operation),
        new("messaging.destination.name", topic)
    ];
}

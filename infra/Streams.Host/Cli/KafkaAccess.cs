using Microsoft.Extensions.Logging.Abstractions;
using Streams.Host.Configuration;
using Streams.Ingest.Publishing;
using Streams.Schemas;

namespace Streams.Host.Cli;

/// <summary>Publisher and admin client for commands, which have no log: errors reach the user as exceptions.</summary>
internal static class KafkaAccess
{
    public static RecordPublisher Publisher(StreamsOptions options) =>
        new(options.Kafka, options.Publisher, NullLogger<RecordPublisher>.Instance);

    /// <summary>Creates the topics of <paramref name="run"/> that are missing, and tells which it made, and which it may not use.</summary>
    public static Task<EnsuredTopics> EnsureTopicsAsync(StreamsOptions options, string run, CancellationToken cancellation) =>
        new TopicAdmin(options.Kafka, NullLogger<TopicAdmin>.Instance).EnsureTopicsAsync(
            options.Results.Transactional ? [.. TopicAdmin.For(run), TopicAdmin.Published] : TopicAdmin.For(run), cancellation);

    /// <summary>The topics of the live run.</summary>
    public static int LiveTopics => TopicAdmin.For(Topics.LiveRun).Count;
}

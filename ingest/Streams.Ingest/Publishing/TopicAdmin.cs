using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Streams.Schemas;

namespace Streams.Ingest.Publishing;

/// <summary>A topic as it is to be created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions.</param>
/// <param name="Config">Settings that differ from the broker's defaults.</param>
public sealed record TopicSpec(string Name, int Partitions, IReadOnlyDictionary<string, string> Config);

/// <summary>Creates the topics of the pipeline.</summary>
public sealed class TopicAdmin(KafkaOptions kafka, ILogger<TopicAdmin> logger)
{
    /// <summary>Partitions of a topic when nothing else is said.</summary>
    public const int DefaultPartitions = 4;

    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(30);

    /// <summary>All topics that <paramref name="run"/> reads or writes: for live the sources, results and dead letters; for a replay its own results and dead letters.</summary>
    public static IReadOnlyList<TopicSpec> For(string run, int partitions = DefaultPartitions)
    {
        var sources = run == Topics.LiveRun ? Topics.Sources.Select(topic => Spec(topic, partitions)) : [];
        return [
            .. sources,
            .. Topics.Results.Select(topic => Spec(Topics.ForRun(run, topic), partitions)),
            .. Topics.Sources.Select(topic => Spec(Topics.ForRun(run, Topics.DeadLetter(topic)), 1))];
    }

    /// <summary>What transactional results need beside them.</summary>
    public static TopicSpec Published { get; } = new(Topics.Published, 1, new Dictionary<string, string>());

    /// <summary>Creates those of <paramref name="topics"/> that do not exist. Existing ones stay as they are.</summary>
    /// <returns>The names of those created, and of those that this client may not create and does not see.</returns>
    /// <exception cref="PublishException">The broker cannot be reached, or a topic cannot be created for another reason than permissions.</exception>
    public async Task<EnsuredTopics> EnsureTopicsAsync(IReadOnlyCollection<TopicSpec> topics, CancellationToken ct = default)
    {
        using var admin = new AdminClientBuilder(KafkaClients.Admin(kafka))
            .SetLogHandler((_, message) => KafkaClients.Forward(logger, message))
            .SetErrorHandler((_, error) => logger.ProducerError(error.Reason))
            .Build();
        var created = topics.Select(topic => topic.Name).ToList();
        List<string> refused = [];
        try
        {
            await admin.CreateTopicsAsync(
                topics.Select(topic => new TopicSpecification
                {
                    Name = topic.Name,
                    NumPartitions = topic.Partitions,
                    ReplicationFactor = -1,
                    Configs = new Dictionary<string, string>(topic.Config),
                }),
                new CreateTopicsOptions { RequestTimeout = TimeSpan.FromSeconds(30) }).WaitAsync(ct);
        }
        catch (CreateTopicsException e)
        {
            created = [.. e.Results.Where(result => !result.Error.IsError).Select(result => result.Topic)];
            refused = [.. e.Results.Where(result => IsRefusal(result.Error.Code)).Select(result => result.Topic)];
            if (e.Results.FirstOrDefault(result =>
                result.Error.IsError && result.Error.Code != ErrorCode.TopicAlreadyExists && !IsRefusal(result.Error.Code)) is { } failed)
            {
                throw new PublishException(failed.Topic, failed.Error, e);
            }
        }
        catch (KafkaException e)
        {
            throw new PublishException(topics.FirstOrDefault()?.Name ?? "topics", e.Error, e);
        }

        foreach (var name in created)
        {
            logger.TopicCreated(name);
        }

        return new(created, refused.Count == 0 ? [] : [.. refused.Except(Visible(admin))]);
    }

    private static bool IsRefusal(ErrorCode code) => code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed;

    // Who may not create topics is refused before it is looked whether they exist.
    private static IEnumerable<string> Visible(IAdminClient admin)
    {
        try
        {
            return admin.GetMetadata(MetadataTimeout).Topics.Select(topic => topic.Topic);
        }
        catch (KafkaException e)
        {
            throw new PublishException("topics", e.Error, e);
        }
    }

    private static TopicSpec Spec(string name, int partitions) => new(name, partitions, new Dictionary<string, string>
    {
        // Dead letters too: what is larger with the headers added is cut.
        ["max.message.bytes"] = KafkaClients.MaxRecordBytes.ToString(CultureInfo.InvariantCulture),
    });
}

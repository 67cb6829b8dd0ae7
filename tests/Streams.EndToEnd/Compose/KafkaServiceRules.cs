using System.Globalization;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using YamlDotNet.RepresentationModel;

namespace Streams.EndToEnd.Compose;

/// <summary>What must hold of the services of others, Kafka and Redis, for ours to reach them and to keep their data.</summary>
internal static class KafkaServiceRules
{
    // Broker settings of Apache Kafka 4.0 (https://kafka.apache.org/40/generated/kafka_config.html), as the image spells them.
    private static readonly HashSet<string> Settings =
    [
        "CLUSTER_ID", "KAFKA_NODE_ID", "KAFKA_PROCESS_ROLES", "KAFKA_CONTROLLER_QUORUM_VOTERS", "KAFKA_CONTROLLER_LISTENER_NAMES", "KAFKA_LISTENERS",
        "KAFKA_ADVERTISED_LISTENERS", "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "KAFKA_INTER_BROKER_LISTENER_NAME", "KAFKA_LOG_DIRS", "KAFKA_MESSAGE_MAX_BYTES",
        "KAFKA_REPLICA_FETCH_MAX_BYTES", "KAFKA_SOCKET_REQUEST_MAX_BYTES", "KAFKA_AUTO_CREATE_TOPICS_ENABLE", "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR",
    ];

    public static List<string> Problems(ComposeFile compose) => [.. Kafka(compose.Services["kafka"]), .. Redis(compose.Services["redis"]), .. Reached(compose)];

    private static IEnumerable<string> Kafka(YamlMappingNode service)
    {
        var environment = ComposeFile.Environment(service);
        foreach (var setting in environment.Keys.Where(setting => !Settings.Contains(setting)))
        {
            yield return $"kafka: unknown setting {setting}";
        }

        var listeners = Listeners(environment["KAFKA_LISTENERS"]);
        var advertised = Listeners(environment["KAFKA_ADVERTISED_LISTENERS"]);
        var protocols = environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].Split(',').Select(pair => pair.Split(':')[0]);
        var controller = environment["KAFKA_CONTROLLER_LISTENER_NAMES"];
        if (!listeners.Keys.Order().SequenceEqual(protocols.Order()))
        {
            yield return "kafka: the protocol map does not name the listeners";
        }

        if (!listeners.Keys.Where(name => name != controller).Order().SequenceEqual(advertised.Keys.Order())
            || advertised.Any(listener => Port(listener.Value) != Port(listeners[listener.Key])))
        {
            yield return "kafka: what is advertised is not what is listened on";
        }

        if (!listeners.TryGetValue(controller, out var quorum)
            || environment["KAFKA_CONTROLLER_QUORUM_VOTERS"] != $"{environment["KAFKA_NODE_ID"]}@kafka:{Port(quorum)}")
        {
            yield return "kafka: the quorum's voter is not this controller";
        }

        if (ComposeFile.List(service, "ports").Single().Split(':') is not [_, var outside, var inside] || outside != inside || advertised["EXTERNAL"] != $"localhost:{outside}")
        {
            yield return "kafka: programs on this machine are sent to another port than the published one";
        }

        var largest = TopicAdmin.For(Topics.LiveRun).Max(topic => int.Parse(topic.Config["max.message.bytes"], CultureInfo.InvariantCulture));
        foreach (var limit in new[] { "KAFKA_MESSAGE_MAX_BYTES", "KAFKA_REPLICA_FETCH_MAX_BYTES", "KAFKA_SOCKET_REQUEST_MAX_BYTES" })
        {
            if (int.Parse(environment[limit], CultureInfo.InvariantCulture) < largest)
            {
                yield return $"kafka: {limit} is below the {largest} bytes of a topic's largest record";
            }
        }

        if (ComposeFile.List(service, "volumes").All(volume => volume.Split(':')[1] != environment["KAFKA_LOG_DIRS"]))
        {
            yield return "kafka: the log is not on a volume";
        }
    }

    private static IEnumerable<string> Redis(YamlMappingNode service)
    {
        var command = string.Join(' ', ComposeFile.List(service, "command"));
        foreach (var needed in new[] { "--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction" })
        {
            if (!command.Contains(needed, StringComparison.Ordinal))
            {
                yield return $"redis: state needs {needed}";
            }
        }

        if (ComposeFile.List(service, "volumes").All(volume => volume.Split(':')[1] != "/data"))
        {
            yield return "redis: the append-only file is not on a volume";
        }
    }

    private static IEnumerable<string> Reached(ComposeFile compose)
    {
        var broker = Listeners(ComposeFile.Environment(compose.Services["kafka"])["KAFKA_ADVERTISED_LISTENERS"])["INTERNAL"];
        foreach (var (name, service) in compose.Services.Where(service => service.Value.Children.ContainsKey("build")))
        {
            var environment = ComposeFile.Environment(service);
            if (environment.GetValueOrDefault("Streams__Kafka__BootstrapServers") != broker)
            {
                yield return $"{name}: Kafka is at {broker}";
            }

            if (ComposeFile.List(service, "command") is ["up"] && environment.GetValueOrDefault("Streams__Redis__ConnectionString") != "redis:6379")
            {
                yield return $"{name}: Redis is at redis:6379";
            }
        }
    }

    private static Dictionary<string, string> Listeners(string text) =>
        text.Split(',').Select(listener => listener.Split("://")).ToDictionary(listener => listener[0], listener => listener[1]);

    private static string Port(string address) => address.Split(':')[^1];
}

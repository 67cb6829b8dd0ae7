using Streams.Grains;

namespace Streams.Host.Pipeline;

/// <summary>
/// Names of the state in Redis. What belongs to one topic of one run has one hash tag: in a Redis Cluster it lies on one server, and when a
/// failover loses the last writes, cursors and state lose the same ones.
/// </summary>
internal static class StateKeys
{
    /// <summary><c>SERVICE/state/{RUN|TOPIC}/</c>.</summary>
    public static string Prefix(string service, string run, string topic) => $"{service}/state/{{{run}|{topic}}}/";

    /// <summary>Where the state of a grain lies.</summary>
    public static string Of(string service, string stateName, GrainId grain) => Of(service, stateName, StreamKey.Parse(grain.Key.ToString()!));

    /// <inheritdoc cref="Of(string, string, GrainId)"/>
    public static string Of(string service, string stateName, StreamKey key) => $"{Prefix(service, key.Run, key.Topic)}{stateName}/{key.Key}";
}

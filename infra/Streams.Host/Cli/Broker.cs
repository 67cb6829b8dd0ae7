using Confluent.Kafka;

namespace Streams.Host.Cli;

/// <summary>First contact with a broker.</summary>
internal static class Broker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The cluster's metadata.</summary>
    /// <exception cref="StreamsException">Nobody answers.</exception>
    public static Metadata Metadata(IAdminClient admin, string bootstrapServers)
    {
        try
        {
            return admin.GetMetadata(Patience);
        }
        catch (KafkaException e)
        {
            throw Unreachable(bootstrapServers, e.Error.Reason);
        }
    }

    /// <summary>The one error for a broker that does not answer.</summary>
    public static StreamsException Unreachable(string bootstrapServers, string reason) =>
        new($"No broker answers at {bootstrapServers} ({reason})", "start one with `streams up`, or name it with --kafka host:port");
}

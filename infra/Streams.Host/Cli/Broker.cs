using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Streams.Host.Cli;

/// <summary>First contact with a broker.</summary>
internal static class Broker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The cluster's metadata.</summary>
    /// <exception cref="BrokerAwayException">Nobody answers.</exception>
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
    public static BrokerAwayException Unreachable(string bootstrapServers, string reason) =>
        new($"No broker answers at {bootstrapServers} ({reason})", "start one with `streams up`, or name it with --kafka host:port");

    /// <summary>An error that passes by itself once the broker is back.</summary>
    public static bool IsAway(ErrorCode code) => code is
        ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut or ErrorCode.Local_Resolve
        or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable or ErrorCode.NotController or ErrorCode.InvalidReplicationFactor;
}

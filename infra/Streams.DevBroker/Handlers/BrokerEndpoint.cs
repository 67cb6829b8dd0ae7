using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Writes where clients reach the broker; the same structure stands in several responses.</summary>
internal static class BrokerEndpoint
{
    public static void Write(KafkaWriter writer, BrokerState broker, bool withRack)
    {
        writer.WriteInt32(BrokerState.NodeId);
        writer.WriteString(broker.AdvertisedHost);
        writer.WriteInt32(broker.AdvertisedPort);
        if (withRack)
            writer.WriteNullableString(null);
    }
}

using Microsoft.Extensions.Logging;
using Streams.DevBroker.Groups;
using Streams.DevBroker.Producers;
using Streams.DevBroker.Topics;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker.Server;

/// <summary>Everything that the request handlers share.</summary>
internal sealed record BrokerState(
    DevBrokerOptions Options,
    TopicCatalog Topics,
    OffsetStore Offsets,
    GroupCoordinator Groups,
    ProducerIds ProducerIds,
    TransactionCoordinator Transactions,
    string ClusterId,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>The one broker of the cluster, which leads everything.</summary>
    public const int NodeId = 1;

    /// <summary>Set once the port is known, before the first connection is accepted.</summary>
    public string AdvertisedHost { get; set; } = string.Empty;

    /// <summary>Set once the port is known, before the first connection is accepted.</summary>
    public int AdvertisedPort { get; set; }
}

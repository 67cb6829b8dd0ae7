using Streams.DevBroker.Protocol;
using Streams.DevBroker.Security;

namespace Streams.DevBroker.Server;

/// <summary>One request on its way through its handler, and the response being written.</summary>
internal sealed class RequestContext(KafkaReader reader, KafkaWriter response)
{
    public required ApiKey Key { get; init; }

    public required short Version { get; init; }

    public required int CorrelationId { get; init; }

    public required string ClientId { get; init; }

    public required string ClientHost { get; init; }

    public required ClientIdentity Identity { get; init; }

    /// <summary>Cancelled when the client goes away or the broker stops.</summary>
    public required CancellationToken Aborted { get; init; }

    public required DevBrokerSecurity Security { get; init; }

    public KafkaReader Reader { get; } = reader;

    public KafkaWriter Response { get; } = response;

    /// <summary>Set for requests that the protocol leaves unanswered (produce without acknowledgement).</summary>
    public bool NoAnswer { get; set; }

    /// <summary>Set when the protocol's only way to report a failure is to close the connection.</summary>
    public string? CloseReason { get; set; }

    /// <summary>The client's user may use that topic.</summary>
    public bool MayUse(string topic) => Security.MayUse(Identity.User ?? string.Empty, topic);
}

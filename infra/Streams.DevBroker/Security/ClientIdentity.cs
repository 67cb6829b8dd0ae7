namespace Streams.DevBroker.Security;

/// <summary>Who the client of one connection is. Used by that connection's requests only, which come one after the other.</summary>
internal sealed class ClientIdentity
{
    /// <summary>The authentication in progress.</summary>
    public ISaslExchange? Exchange { get; set; }

    /// <summary>The user who has authenticated; null before.</summary>
    public string? User { get; set; }
}

using System.Security.Cryptography.X509Certificates;

namespace Streams.DevBroker.Security;

/// <summary>What clients must show, for trying out a pipeline's settings for a guarded Kafka. By default nothing.</summary>
public sealed record DevBrokerSecurity
{
    /// <summary>With a certificate and its private key the broker speaks TLS only. The certificate must name the advertised host.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Passwords by user. With any, clients must authenticate: by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.</summary>
    public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Clients may, and must when there are no <see cref="Users"/>, authenticate by OAUTHBEARER with a token that nobody has signed (Kafka's own
    /// development mode): its subject is believed, its lifetime is checked.
    /// </summary>
    public bool UnsecuredTokens { get; init; }

    /// <summary>
    /// Whether a user (empty without authentication) may use a topic. What it denies is answered with TOPIC_AUTHORIZATION_FAILED, and not listed.
    /// </summary>
    public Func<string, string, bool> MayUse { get; init; } = static (_, _) => true;

    /// <summary>Clients must say who they are.</summary>
    internal bool Authenticates => Users.Count > 0 || UnsecuredTokens;
}

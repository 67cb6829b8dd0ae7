using System.ComponentModel.DataAnnotations;

namespace Streams.Dashboard.Security;

/// <summary>
/// Who may use the dashboard, REST and SSE. Off until an API key or an identity provider is configured; then nothing but <c>/health</c> answers without
/// one.
/// </summary>
public sealed class SecurityOptions
{
    /// <summary>API keys by the name under which the audit log knows their bearer.</summary>
    public Dictionary<string, ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>Bearer tokens of an identity provider.</summary>
    public OidcOptions Oidc { get; set; } = new();

    /// <summary>
    /// Serve everybody also where other machines can connect. Only for where something else keeps them out. Ignored while keys or tokens are asked for.
    /// </summary>
    public bool AllowUnauthenticated { get; set; }

    /// <summary>How long a browser that has signed in with a key stays signed in.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Largest request body, in bytes.</summary>
    [Range(1_024, 64 * 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 1024 * 1024;

    /// <summary>Connections at a time, live ones included; more are closed at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Requests per second and client address, twice as many in a burst; more are answered 429. Behind a proxy all clients have its address.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 1_000;

    /// <summary>Operator actions kept in Redis for <c>/api/audit</c>; the program's log has all.</summary>
    [Range(1, 1_000_000)]
    public int AuditEntries { get; set; } = 10_000;

    /// <summary>Callers must say who they are.</summary>
    internal bool IsOn => ApiKeys.Count > 0 || Oidc.Authority.Length > 0;

    /// <summary>What cannot be used: the setting, its value unless secret, and the way out; null when all can.</summary>
    /// <param name="addresses">Where the dashboard listens.</param>
    public (string Problem, string Remedy)? Check(string addresses)
    {
        foreach (var (name, key) in ApiKeys)
        {
            if (name.Length is 0 or > 64 || name.Any(char.IsControl))
            {
                return ($"Streams:Security:ApiKeys has a name of {name.Length} characters", "name a key with 1 to 64 printable characters");
            }

            if (!ApiKey.IsHash(key.Hash))
            {
                // Not shown: it may be the key itself, put there by mistake.
                return ($"Streams:Security:ApiKeys:{name}:Hash is no hash of a key",
                    "take what `streams keys create` prints: sha256: and 64 hexadecimal digits");
            }
        }

        if (ApiKeys.GroupBy(pair => pair.Value.Hash, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            return ($"Streams:Security:ApiKeys {string.Join(" and ", twice.Select(pair => pair.Key))} are one key", "give each bearer a key of its own");
        }

        return CheckOidc() ?? CheckAddresses(addresses);
    }

    private (string, string)? CheckOidc()
    {
        if (Oidc.Authority.Length == 0)
        {
            return Oidc.Audience.Length == 0 ? null
                : ("Streams:Security:Oidc:Audience is set and Authority is not", "set Streams:Security:Oidc:Authority to the issuer's address");
        }

        if (!Uri.TryCreate(Oidc.Authority, UriKind.Absolute, out var authority)
            || !(authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback)))
        {
            return ($"Streams:Security:Oidc:Authority is '{Oidc.Authority}'", "give the issuer's https address; http is for loopback only");
        }

        return Oidc.Audience.Length > 0 ? null
            : ("Streams:Security:Oidc:Audience is empty", "name the audience of the tokens, or any of the issuer's tokens would be taken");
    }

    private (string, string)? CheckAddresses(string addresses)
    {
        if (IsOn || AllowUnauthenticated || addresses.Split(';').FirstOrDefault(address => !Loopback.IsAddress(address)) is not { } open)
        {
            return null;
        }

        return ($"Streams:Dashboard:Url is '{open}', where other machines can connect, and nobody has to say who they are",
            "configure Streams:Security:ApiKeys (`streams keys create`) or Streams:Security:Oidc, listen on 127.0.0.1, or set Streams:Security:AllowUnauthenticated=true");
    }
}

namespace Streams.Dashboard.Security;

/// <summary>Bearer tokens of an OpenID Connect provider, checked against the keys that it publishes. Ignored while <see cref="Authority"/> is empty.</summary>
public sealed class OidcOptions
{
    /// <summary>The issuer, whose <c>/.well-known/openid-configuration</c> names its keys. Empty: no tokens are taken.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The audience that a token must be for.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The claim that names the caller in the audit log; <c>sub</c> where a token lacks it.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>The claim with the roles: a text or a list of texts at the top of the token.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Its value for viewers.</summary>
    public string ViewerRole { get; set; } = "streams-viewer";

    /// <summary>Its value for operators.</summary>
    public string OperatorRole { get; set; } = "streams-operator";
}

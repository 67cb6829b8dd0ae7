namespace Streams.Host.Cli;

/// <summary>A running pipeline.</summary>
/// <param name="Url">Of its dashboard.</param>
/// <param name="Key">API key or token; null: none is shown.</param>
internal sealed record DashboardAt(string Url, string? Key)
{
    // A record prints its members, and the key is a secret.
    public override string ToString() => Url;
}

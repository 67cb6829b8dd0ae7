using System.Net;

namespace Streams.Dashboard.Security;

/// <summary>What reaches this machine only.</summary>
internal static class Loopback
{
    /// <summary>
    /// An address to listen on, such as <c>http://127.0.0.1:5080</c>. Kestrel takes <c>*</c>, <c>+</c> and unknown names for every interface.
    /// </summary>
    public static bool IsAddress(string address) =>
        address.Trim() is var text
        && (text.StartsWith("http://unix:", StringComparison.OrdinalIgnoreCase)
            || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsHost(uri.IdnHost)));

    /// <summary>A host name without its port.</summary>
    public static bool IsHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

using Microsoft.AspNetCore.Http;

namespace Streams.Dashboard.Security;

/// <summary>What a request shows to say who asks.</summary>
internal static class Credential
{
    public const string KeyHeader = "X-Api-Key";
    public const string SessionCookie = "streams-session";

    private const string Bearer = "Bearer ";

    /// <summary>An API key or a token out of the headers; null where there is none. Never out of the address, which proxies log.</summary>
    public static string? Read(HttpRequest request)
    {
        if (request.Headers.TryGetValue(KeyHeader, out var key))
        {
            return key.ToString();
        }

        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }

    /// <summary>Signed tokens have three parts; a key has one.</summary>
    public static bool IsToken(string credential) => credential.AsSpan().Count('.') == 2;
}

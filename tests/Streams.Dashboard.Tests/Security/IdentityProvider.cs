using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Streams.Dashboard.Tests.Security;

/// <summary>An OpenID Connect issuer: its discovery document, its keys, and tokens that it signs.</summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    public const string Audience = "streams";

    private readonly WebApplication _app;
    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "k1" };

    private IdentityProvider()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(_key);
        _app.MapGet("/.well-known/openid-configuration", () =>
            TypedResults.Json(new Dictionary<string, object> { ["issuer"] = Authority, ["jwks_uri"] = $"{Authority}/keys" }));
        _app.MapGet("/keys", () => TypedResults.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = key.Kid, n = key.N, e = key.E } } }));
    }

    public string Authority => _app.Urls.Single();

    public static async Task<IdentityProvider> StartAsync()
    {
        var provider = new IdentityProvider();
        await provider._app.StartAsync();
        return provider;
    }

    /// <summary>A token as <paramref name="change"/> would have it; unchanged, it is a good one.</summary>
    public string Token(Dictionary<string, object> claims, Action<SecurityTokenDescriptor>? change = null)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Authority,
            Audience = Audience,
            Claims = claims,
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler().CreateToken(token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

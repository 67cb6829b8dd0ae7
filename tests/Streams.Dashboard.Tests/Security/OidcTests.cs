using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Streams.Dashboard.Security;
using Streams.Dashboard.Tests.Servers;

namespace Streams.Dashboard.Tests.Security;

/// <summary>Bearer tokens of an identity provider, signed here.</summary>
public sealed class OidcTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private static readonly Dictionary<string, object> Ada = new()
    {
        ["sub"] = "17",
        ["preferred_username"] = "ada",
        ["roles"] = new[] { "other", "streams-operator" },
    };

    private IdentityProvider? _provider;
    private SecuredServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IdentityProvider Provider => _provider!;

    private SecuredServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        _provider = await IdentityProvider.StartAsync();
        _server = await SecuredServer.StartAsync(fixture.Redis, options =>
            options.Oidc = new OidcOptions { Authority = Provider.Authority, Audience = IdentityProvider.Audience });
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            await Provider.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("streams-operator", "{\"name\":\"ada\",\"role\":\"OPERATOR\",\"via\":\"token\"}", HttpStatusCode.OK)]
    [InlineData("streams-viewer", "{\"name\":\"ada\",\"role\":\"VIEWER\",\"via\":\"token\"}", HttpStatusCode.Forbidden)]
    public async Task Token_WithARole_MayWhatTheRoleMay(string role, string me, HttpStatusCode change)
    {
        var token = Provider.Token(new Dictionary<string, object>(Ada) { ["roles"] = role });
        using var who = await Server.SendAsync(HttpMethod.Get, "/api/me", token, Cancellation);
        Assert.Equal(me, await who.Content.ReadAsStringAsync(Cancellation));
        using var changed = await Server.SendAsync(HttpMethod.Delete, "/api/things/a", token, Cancellation);
        Assert.Equal(change, changed.StatusCode);
    }

    [Fact]
    public async Task Token_WithoutARole_Is403AndNamesTheCaller()
    {
        using var response = await Server.SendAsync(HttpMethod.Get, "/api/runs",
            Provider.Token(new Dictionary<string, object> { ["sub"] = "17", ["roles"] = "guest" }), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.StartsWith("17 has no role here", await SecuredServer.DetailAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_ThatIsNotTheProviders_Is401AndNotLogged()
    {
        using var stranger = RSA.Create(2048);
        var secret = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(new string('k', 64))) { KeyId = "k1" };
        Dictionary<string, string> tokens = new()
        {
            ["expired"] = Provider.Token(Ada, token =>
                (token.IssuedAt, token.NotBefore, token.Expires) = (DateTime.UnixEpoch, DateTime.UnixEpoch, DateTime.UtcNow.AddHours(-1))),
            ["audience"] = Provider.Token(Ada, token => token.Audience = "another"),
            ["issuer"] = Provider.Token(Ada, token => token.Issuer = "https://issuer.example"),
            ["key"] = Provider.Token(Ada, token =>
                token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256)),
            ["secret"] = Provider.Token(Ada, token => token.SigningCredentials = new SigningCredentials(secret, SecurityAlgorithms.HmacSha256)),
            ["unsigned"] = Provider.Token(Ada, token => token.SigningCredentials = null),
            ["changed"] = Provider.Token(Ada)[..^4] + "AAAA",
            ["nonsense"] = "a.b.c",
        };
        foreach (var (what, token) in tokens)
        {
            using var response = await Server.SendAsync(HttpMethod.Get, "/api/runs", token, Cancellation);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{what}: {response.StatusCode}");
            Assert.DoesNotContain(token, Server.Log.Text, StringComparison.Ordinal);
        }

        using var good = await Server.SendAsync(HttpMethod.Get, "/api/runs", Provider.Token(Ada), Cancellation);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        using var key = await Server.SendAsync(HttpMethod.Get, "/api/runs", SecuredServer.Viewer, Cancellation);
        Assert.Equal(HttpStatusCode.OK, key.StatusCode);
    }

    [Fact]
    public async Task Token_ProviderAway_Is503AndKeysStillCount()
    {
        var token = Provider.Token(Ada);
        await using var server = await SecuredServer.StartAsync(
            fixture.Redis, options =>
                options.Oidc = new OidcOptions { Authority = $"http://127.0.0.1:{FreePort.Next()}", Audience = IdentityProvider.Audience });
        using var response = await server.SendAsync(HttpMethod.Get, "/api/runs", token, Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("did not answer", await SecuredServer.DetailAsync(response), StringComparison.Ordinal);
        using var key = await server.SendAsync(HttpMethod.Get, "/api/runs", SecuredServer.Viewer, Cancellation);
        Assert.Equal(HttpStatusCode.OK, key.StatusCode);
    }
}

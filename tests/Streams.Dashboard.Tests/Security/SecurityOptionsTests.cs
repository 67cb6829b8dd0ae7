using Streams.Dashboard.Security;

namespace Streams.Dashboard.Tests.Security;

public sealed class SecurityOptionsTests
{
    private const string Loopback = "http://127.0.0.1:5080";

    private static readonly string Hash = ApiKey.Hash(ApiKey.Create());

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://localhost:5080;http://[::1]:5080", true)]
    [InlineData("http://127.8.9.10:5080", true)]
    [InlineData("http://unix:/run/streams.sock", true)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://[::]:5080", false)]
    [InlineData("http://*:5080", false)]
    [InlineData("http://+:5080", false)]
    [InlineData("http://192.168.1.5:5080", false)]
    [InlineData("http://localhost.example.com:5080", false)]
    [InlineData("http://127.0.0.1:5080;http://host:5080", false)]
    public void Check_WithoutKeys_TakesLoopbackOnly(string addresses, bool taken)
    {
        var found = new SecurityOptions().Check(addresses);
        Assert.Equal(taken, found is null);
        if (!taken)
        {
            Assert.Contains("Streams:Security:ApiKeys", found!.Value.Remedy, StringComparison.Ordinal);
        }

        Assert.Null(new SecurityOptions { AllowUnauthenticated = true }.Check(addresses));
        Assert.Null(new SecurityOptions { ApiKeys = { ["ops"] = new ApiKeyOptions { Hash = Hash } } }.Check(addresses));
    }

    [Fact]
    public void Check_KeyInPlaceOfItsHash_IsRefusedAndNotShown()
    {
        var key = ApiKey.Create();
        var found = new SecurityOptions { ApiKeys = { ["ops"] = new ApiKeyOptions { Hash = key } } }.Check(Loopback);
        Assert.Contains("ApiKeys:ops:Hash", found!.Value.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(key, $"{found}", StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OneKeyUnderTwoNames_IsRefused()
    {
        var again = Hash.ToUpperInvariant().Replace("SHA", "sha", StringComparison.Ordinal);
        var options = new SecurityOptions { ApiKeys = { ["a"] = new ApiKeyOptions { Hash = Hash }, ["b"] = new ApiKeyOptions { Hash = again } } };
        Assert.Contains("a and b", options.Check(Loopback)!.Value.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://issuer.example", "streams", "Authority is 'http://issuer.example'")]
    [InlineData("issuer", "streams", "Authority is 'issuer'")]
    [InlineData("https://issuer.example", "", "Audience is empty")]
    [InlineData("", "streams", "Authority is not")]
    [InlineData("https://issuer.example", "streams", null)]
    [InlineData("http://127.0.0.1:8080/realms/x", "streams", null)]
    public void Check_Oidc_NamesWhatIsMissing(string authority, string audience, string? problem)
    {
        var found = new SecurityOptions { Oidc = new OidcOptions { Authority = authority, Audience = audience } }.Check(Loopback);
        Assert.Equal(problem is null, found is null);
        Assert.Contains(problem ?? "", found?.Problem ?? "", StringComparison.Ordinal);
    }
}

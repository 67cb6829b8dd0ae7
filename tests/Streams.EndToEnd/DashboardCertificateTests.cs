using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;

namespace Streams.EndToEnd;

public sealed class DashboardCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-tls-").FullName;

    [Fact]
    public async Task HttpsAddress_WithItsCertificate_IsServedWithIt()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch,
            DateTimeOffset.MaxValue.AddDays(-400));
        var options = new DashboardEndpointOptions
        {
            Url = "https://127.0.0.1:0",
            CertificateFile = Path.Combine(_folder, "c.pem"),
            CertificateKeyFile = Path.Combine(_folder, "k.pem"),
        };
        await File.WriteAllTextAsync(options.CertificateFile, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(options.CertificateKeyFile, key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", options.Url);
        DashboardCertificate.Use(builder.WebHost, options);
        await using var app = builder.Build();
        app.MapGet("/", () => TypedResults.Text("here"));
        await app.StartAsync(TestContext.Current.CancellationToken);

        string? shown = null;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, served, _, _) => (shown = served?.Thumbprint) == certificate.Thumbprint,
        };
        using var http = new HttpClient(handler);
        Assert.Equal("here", await http.GetStringAsync(new Uri(app.Urls.Single()), TestContext.Current.CancellationToken));
        Assert.Equal(certificate.Thumbprint, shown);
    }

    [Theory]
    [InlineData("", "set Streams:Dashboard:CertificateFile")]
    [InlineData("/no/such/file.pem", "'/no/such/file.pem'")]
    [InlineData("/dev/null", "in PEM form")]
    public void HttpsAddress_WithoutAUsableCertificate_IsRefused(string file, string says)
    {
        var options = new DashboardEndpointOptions { Url = "http://127.0.0.1:1;https://127.0.0.1:2", CertificateFile = file, CertificateKeyFile = file };
        var refused = Assert.Throws<StreamsException>(() => DashboardCertificate.Use(WebApplication.CreateSlimBuilder().WebHost, options));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

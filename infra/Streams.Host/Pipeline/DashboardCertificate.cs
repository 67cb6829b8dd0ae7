using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Streams.Host.Cli;
using Streams.Host.Configuration;

namespace Streams.Host.Pipeline;

/// <summary>TLS of the dashboard.</summary>
internal static class DashboardCertificate
{
    /// <summary>Serves https addresses with the configured certificate.</summary>
    /// <exception cref="StreamsException">There is an https address and no certificate that can be used.</exception>
    public static void Use(IWebHostBuilder web, DashboardEndpointOptions options)
    {
        if (!options.Url.Split(';').Any(address => address.TrimStart().StartsWith("https:", StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        var certificate = Load(options);
        web.UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate));
    }

    private static X509Certificate2 Load(DashboardEndpointOptions options)
    {
        if (options.CertificateFile.Length == 0 || options.CertificateKeyFile.Length == 0)
        {
            throw new StreamsException(
                $"Streams:Dashboard:Url is '{options.Url}' and there is no certificate",
                    "set Streams:Dashboard:CertificateFile and CertificateKeyFile to PEM files");
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(options.CertificateFile, options.CertificateKeyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StreamsException(
                $"Streams:Dashboard:CertificateFile '{options.CertificateFile}' with CertificateKeyFile '{options.CertificateKeyFile}' cannot be used ({e.Message.TrimEnd('.')})",
                "name a certificate and its unencrypted private key in PEM form");
        }
    }
}

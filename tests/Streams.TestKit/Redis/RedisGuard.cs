using System.Globalization;
using Streams.TestKit.Security;

namespace Streams.TestKit.Redis;

/// <summary>A redis-server that speaks TLS only and lets in one user, the default one being off.</summary>
public sealed record RedisGuard(LoopbackCertificate Certificate, string User, string Password)
{
    internal IEnumerable<string> Arguments(int port) =>
    [
        // Of a setting that is given twice the later counts.
        "--port", "0", "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no",
        "--tls-cert-file", Certificate.CertificateFile, "--tls-key-file", Certificate.KeyFile, "--tls-ca-cert-file", Certificate.CertificateFile,
        "--user", User, "on", $">{Password}", "~*", "&*", "+@all",
        "--user", "default", "off",
    ];
}

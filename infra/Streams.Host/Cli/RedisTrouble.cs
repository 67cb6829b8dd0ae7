using System.Security.Authentication;
using StackExchange.Redis;

namespace Streams.Host.Cli;

/// <summary>Why Redis cannot be used, and what to do. The client calls everything between TCP and its first answer an authentication failure.</summary>
/// <param name="Detail">What is wrong.</param>
/// <param name="Remedy">What mends it.</param>
/// <param name="Lasts">Waiting does not mend it.</param>
internal sealed record RedisTrouble(string Detail, string Remedy, bool Lasts)
{
    public static RedisTrouble Of(Exception e) => e.InnerException switch
    {
        RedisServerException => new("refuses the credentials", "mend user= and password= in Streams:Redis:ConnectionString", Lasts: true),
        AuthenticationException tls => new(
            $"TLS fails: {tls.Message.ReplaceLineEndings(" ")}",
                "name the authority in Streams:Redis:CertificateAuthorityFile, and the certificate's name as sslHost= in Streams:Redis:ConnectionString",
                Lasts: true),
        IOException => new("ends the TLS handshake", "it may not speak TLS: take ssl=true out of Streams:Redis:ConnectionString", Lasts: false),
        _ => new("nothing answers", "check Streams:Redis:ConnectionString (with ssl=true where it speaks TLS only), and that Redis runs", Lasts: false),
    };
}

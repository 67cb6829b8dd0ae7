using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Streams.DevBroker.Security;

/// <summary>OAUTHBEARER (RFC 7628) with unsigned tokens (RFC 7519, section 6), as Kafka takes them in development.</summary>
internal sealed class UnsecuredTokenExchange(TimeProvider time) : ISaslExchange
{
    private const string Header = "n,,\u0001";
    private const string Field = "auth=Bearer ";

    public string? User { get; private set; }

    public byte[] Next(ReadOnlySpan<byte> message)
    {
        var text = Encoding.UTF8.GetString(message);
        var token = text.StartsWith(Header, StringComparison.Ordinal)
            ? text[Header.Length..].Split('\u0001').FirstOrDefault(field => field.StartsWith(Field, StringComparison.OrdinalIgnoreCase))
            : null;
        if (token?[Field.Length..].Split('.') is not [var head, var body, ""])
            throw new SaslException("Authentication failed: not a message of OAUTHBEARER with an unsigned token");
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(head));
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(body));
            if (header.RootElement.GetProperty("alg").GetString() != "none")
                throw new SaslException("Authentication failed: the token says that it is signed, and is not");
            if (time.GetUtcNow().ToUnixTimeSeconds() >= claims.RootElement.GetProperty("exp").GetDouble())
                throw new SaslException("Authentication failed: the token has expired");
            User = claims.RootElement.GetProperty("sub").GetString() is { Length: > 0 } subject
                ? subject
                : throw new SaslException("Authentication failed: the token has no subject");
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SaslException("Authentication failed: the token is not a JWT with the claims sub and exp");
        }

        return [];
    }
}

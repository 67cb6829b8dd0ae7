using System.Security.Cryptography;
using System.Text;

namespace Streams.DevBroker.Security;

/// <summary>PLAIN (RFC 4616): user and password in one message.</summary>
internal sealed class PlainExchange(IReadOnlyDictionary<string, string> users) : ISaslExchange
{
    private const int Parts = 3;

    public string? User { get; private set; }

    public byte[] Next(ReadOnlySpan<byte> message)
    {
        // An identity to act as, which may be empty; the user; the password.
        var parts = Encoding.UTF8.GetString(message).Split('\0');
        if (parts.Length != Parts || (parts[0].Length > 0 && parts[0] != parts[1]))
            throw new SaslException("Authentication failed: not a message of PLAIN");
        if (!users.TryGetValue(parts[1], out var password)
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(parts[2])))
            throw new SaslException("Authentication failed: Invalid username or password");
        User = parts[1];
        return [];
    }
}

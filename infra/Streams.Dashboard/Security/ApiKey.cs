using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Streams.Dashboard.Security;

/// <summary>API keys: 256 random bits behind a prefix by which secret scanners find leaked ones.</summary>
public static class ApiKey
{
    private const string Prefix = "streams_";
    private const string HashPrefix = "sha256:";
    private const int SecretBytes = 32;

    /// <summary>A new key.</summary>
    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>What the configuration keeps of a key.</summary>
    public static string Hash(string key) => HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    internal static bool IsHash(string hash) =>
        hash.Length == HashPrefix.Length + (2 * SHA256.HashSizeInBytes)
        && hash.StartsWith(HashPrefix, StringComparison.Ordinal)
        && hash.AsSpan(HashPrefix.Length).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0;
}

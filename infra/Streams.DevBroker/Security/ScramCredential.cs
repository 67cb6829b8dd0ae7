using System.Security.Cryptography;
using System.Text;

namespace Streams.DevBroker.Security;

/// <summary>What a server keeps of a password (RFC 5802, section 3): enough to check a client's proof, not enough to make one.</summary>
internal sealed record ScramCredential(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    // Kafka's least, and the default of its tools.
    private const int DefaultIterations = 4096;
    private const int SaltBytes = 16;

    public static ScramCredential Create(HashAlgorithmName hash, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, DefaultIterations, hash, HashLength(hash));
        var clientKey = CryptographicOperations.HmacData(hash, salted, Encoding.ASCII.GetBytes("Client Key"));
        return new(salt, DefaultIterations, CryptographicOperations.HashData(hash, clientKey),
            CryptographicOperations.HmacData(hash, salted, Encoding.ASCII.GetBytes("Server Key")));
    }

    private static int HashLength(HashAlgorithmName hash) => hash == HashAlgorithmName.SHA512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes;
}

using System.Security.Cryptography;
using System.Text;

namespace Streams.DevBroker.Security;

/// <summary>SCRAM (RFC 5802) without channel binding: the client proves that it knows the password and never sends it.</summary>
internal sealed class ScramExchange(HashAlgorithmName hash, IReadOnlyDictionary<string, ScramCredential> users) : ISaslExchange
{
    private const int NonceBytes = 18;

    // "n,,": no channel binding, no other identity to act as; the last message repeats it in base64.
    private const string Header = "n,,";
    private const string HeaderAgain = "biws";

    private string? _claimed;
    private ScramCredential? _credential;
    private string _firstMessages = "";
    private string _nonce = "";

    public string? User { get; private set; }

    public byte[] Next(ReadOnlySpan<byte> message)
    {
        var text = Encoding.UTF8.GetString(message);
        return Encoding.UTF8.GetBytes(_credential is null ? First(text) : Final(text));
    }

    private string First(string message)
    {
        if (!message.StartsWith(Header, StringComparison.Ordinal))
            throw Malformed();
        var bare = message[Header.Length..];
        var fields = Fields(bare);
        if (!fields.TryGetValue('n', out var name) || !fields.TryGetValue('r', out var clientNonce) || clientNonce.Length == 0)
            throw Malformed();
        _claimed = name.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        if (!users.TryGetValue(_claimed, out var credential))
            throw Refused();
        _credential = credential;
        _nonce = clientNonce + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
        var answer = $"r={_nonce},s={Convert.ToBase64String(credential.Salt)},i={credential.Iterations}";
        _firstMessages = $"{bare},{answer}";
        return answer;
    }

    private string Final(string message)
    {
        var fields = Fields(message);
        var proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);
        if (User is not null || proofAt < 0 || fields.GetValueOrDefault('c') != HeaderAgain || fields.GetValueOrDefault('r') != _nonce)
            throw Malformed();
        var signed = Encoding.UTF8.GetBytes($"{_firstMessages},{message[..proofAt]}");
        var clientKey = CryptographicOperations.HmacData(hash, _credential!.StoredKey, signed);
        var proof = new byte[clientKey.Length];
        if (!Convert.TryFromBase64String(message[(proofAt + 3)..], proof, out int length) || length != proof.Length)
            throw Malformed();
        for (int i = 0; i < proof.Length; i++)
            clientKey[i] ^= proof[i];
        if (!CryptographicOperations.FixedTimeEquals(CryptographicOperations.HashData(hash, clientKey), _credential.StoredKey))
            throw Refused();
        User = _claimed;
        return $"v={Convert.ToBase64String(CryptographicOperations.HmacData(hash, _credential.ServerKey, signed))}";
    }

    private static Dictionary<char, string> Fields(string message)
    {
        var fields = new Dictionary<char, string>();
        foreach (var field in message.Split(','))
        {
            if (field.Length < 2 || field[1] != '=' || !fields.TryAdd(field[0], field[2..]))
                throw Malformed();
        }

        return fields;
    }

    private static SaslException Malformed() => new("Authentication failed: not a message of SCRAM");

    private static SaslException Refused() => new("Authentication failed: Invalid username or password");
}

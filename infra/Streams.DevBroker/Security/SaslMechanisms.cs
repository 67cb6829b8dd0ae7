using System.Security.Cryptography;

namespace Streams.DevBroker.Security;

/// <summary>The mechanisms that the settings allow.</summary>
internal sealed class SaslMechanisms
{
    private readonly Dictionary<string, Func<ISaslExchange>> _byName = new(StringComparer.Ordinal);

    public SaslMechanisms(DevBrokerSecurity security, TimeProvider time)
    {
        if (security.Users.Count > 0)
        {
            _byName["PLAIN"] = () => new PlainExchange(security.Users);
            AddScram("SCRAM-SHA-256", HashAlgorithmName.SHA256, security.Users);
            AddScram("SCRAM-SHA-512", HashAlgorithmName.SHA512, security.Users);
        }

        if (security.UnsecuredTokens)
            _byName["OAUTHBEARER"] = () => new UnsecuredTokenExchange(time);
    }

    public IReadOnlyList<string> Names => [.. _byName.Keys];

    public ISaslExchange? Begin(string mechanism) => _byName.TryGetValue(mechanism, out var begin) ? begin() : null;

    private void AddScram(string name, HashAlgorithmName hash, IReadOnlyDictionary<string, string> users)
    {
        var credentials = users.ToDictionary(user => user.Key, user => ScramCredential.Create(hash, user.Value), StringComparer.Ordinal);
        _byName[name] = () => new ScramExchange(hash, credentials);
    }
}

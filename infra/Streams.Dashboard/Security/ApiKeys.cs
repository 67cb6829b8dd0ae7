using Microsoft.Extensions.Options;

namespace Streams.Dashboard.Security;

/// <summary>The configured API keys, found by their hash: how long a look-up takes tells nothing of a key.</summary>
internal sealed class ApiKeys(IOptions<SecurityOptions> options, TimeProvider time)
{
    private readonly Dictionary<string, (string Name, ApiKeyOptions Key)> _byHash =
        options.Value.ApiKeys.ToDictionary(pair => pair.Value.Hash, pair => (pair.Key, pair.Value), StringComparer.OrdinalIgnoreCase);

    /// <summary>Who bears the key of that hash; null when it is unknown or over.</summary>
    public Caller? Find(string hash) =>
        _byHash.TryGetValue(hash, out var found) && !(found.Key.Expires <= time.GetUtcNow()) ? new Caller(found.Name, found.Key.Role, "key") : null;
}

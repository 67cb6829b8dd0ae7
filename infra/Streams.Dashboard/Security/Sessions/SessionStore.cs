using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Streams.Dashboard.Security.Sessions;

/// <summary>
/// Browsers that have signed in, in Redis, so that all hosts know them: <c>streams:session:HASH</c> → the hash of the key that was shown. Of the
/// cookie itself only a hash is kept, and a session ends with its key.
/// </summary>
internal sealed class SessionStore(IConnectionMultiplexer redis, ApiKeys keys, IOptions<SecurityOptions> options)
{
    private const int IdBytes = 32;

    private readonly IDatabase _redis = redis.GetDatabase();

    /// <summary>Begins a session; null when the key is not known.</summary>
    /// <returns>The cookie's value.</returns>
    /// <exception cref="RedisException">Redis did not answer.</exception>
    public async Task<string?> BeginAsync(string key)
    {
        var hash = ApiKey.Hash(key);
        if (keys.Find(hash) is null)
        {
            return null;
        }

        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        await _redis.StringSetAsync(Entry(id), hash, options.Value.SessionLifetime);
        return id;
    }

    /// <summary>Who began that session; null when it or the key is over.</summary>
    /// <exception cref="RedisException">Redis did not answer.</exception>
    public async Task<Caller?> FindAsync(string id) => (string?)await _redis.StringGetAsync(Entry(id)) is { } hash ? keys.Find(hash) : null;

    /// <exception cref="RedisException">Redis did not answer.</exception>
    public Task EndAsync(string id) => _redis.KeyDeleteAsync(Entry(id));

    private static RedisKey Entry(string id) => $"streams:session:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";
}

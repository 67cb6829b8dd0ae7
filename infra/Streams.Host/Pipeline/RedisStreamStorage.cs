using Orleans.Storage;
using StackExchange.Redis;
using Streams.Grains.Partitions;
using Streams.Host.Configuration;

namespace Streams.Host.Pipeline;

/// <summary>
/// The grains' state in Redis: a hash with <c>etag</c> and <c>data</c>, the layout of Orleans' own provider. What that provider lacks is the fence: a
/// write is made only under the lease that the record is of, and on the server on which the lease was taken. An ETag alone is not enough.
/// Of two activations of a grain (Orleans has two for a while after a silo's death) one may hold the record as it was three writes ago; when a
/// server that was killed comes back without those three, that record's ETag is the current one again, and the old activation would write
/// over three effects that other offsets already count as done.
/// </summary>
internal sealed class RedisStreamStorage(IConnectionMultiplexer redis, FencedWrites writes, IGrainStorageSerializer serializer, StreamsOptions options) : IGrainStorage
{
    private const string Clear = """
        local etag = redis.call('HGET', KEYS[1], 'etag') or ''
        if etag ~= ARGV[1] then return {'etag', etag} end
        redis.call('DEL', KEYS[1])
        return {'ok', ''}
        """;

    private readonly IDatabase _redis = redis.GetDatabase();

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = await _redis.HashGetAsync(Key(stateName, grainId), ["etag", "data"]);
        grainState.RecordExists = found[1].HasValue;
        grainState.ETag = found[0];
        grainState.State = grainState.RecordExists ? serializer.Deserialize<T>((byte[])found[1]!) : Activator.CreateInstance<T>();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var state = Key(stateName, grainId);
        var etag = Guid.NewGuid().ToString("n");
        var fence = (grainState.State as IFencedState)?.Fence;
        if (await writes.WriteAsync(fence, state, grainState.ETag ?? "", etag, serializer.Serialize(grainState.State).ToMemory()) is { } stored)
        {
            throw new InconsistentStateException($"{state}: somebody else wrote", stored, grainState.ETag ?? "");
        }

        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var state = Key(stateName, grainId);
        var reply = (RedisResult[])(await _redis.ScriptEvaluateAsync(Clear, [state], [grainState.ETag ?? ""]))!;
        if ((string)reply[0]! == "etag")
        {
            throw new InconsistentStateException($"{state}: somebody else wrote", (string)reply[1]!, grainState.ETag ?? "");
        }

        grainState.ETag = null;
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    private RedisKey Key(string stateName, GrainId grainId) => StateKeys.Of(options.Orleans.ServiceId, stateName, grainId);
}

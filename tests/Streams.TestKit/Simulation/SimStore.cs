using System.Text.Json;
using Orleans.Storage;
using Streams.Grains.Partitions;

namespace Streams.TestKit.Simulation;

/// <summary>
/// Redis with an append-only file that is flushed every second: one server, total order of writes, compare-and-set by ETag. Restarted, it is
/// another incarnation and may lack the writes of the last second.
/// </summary>
internal sealed class SimStore(SimWorld world)
{
    private static readonly TimeSpan Unflushed = TimeSpan.FromSeconds(1);

    private readonly SimProcess _server = new(world, "store");
    private readonly Dictionary<string, (string Value, long ETag)> _values = [];

    // What each write replaced, to take it back.
    private readonly List<(TimeSpan At, string Key, (string Value, long ETag)? Before)> _log = [];
    private long _etags;

    public int Incarnation { get; private set; } = 1;

    /// <summary>See <see cref="SimSabotage.StoreWithoutCompareAndSet"/>.</summary>
    public bool ComparesNothing { get; init; }

    /// <summary>See <see cref="SimSabotage.StateWithoutFence"/>.</summary>
    public bool ChecksNoFence { get; init; }

    /// <summary>Nobody answers.</summary>
    public bool IsDown { get; set; }

    /// <summary>How often a request or its answer is lost.</summary>
    public double LossRate { get; set; }

    public int RolledBack { get; private set; }

    /// <summary>Killed and started again: the newest writes, at most those of a second, are gone.</summary>
    public void Crash()
    {
        var oldest = world.Clock.Now - Unflushed;
        var candidates = _log.Count(entry => entry.At >= oldest);
        var lost = candidates == 0 ? 0 : world.Random.Next(candidates + 1);
        for (var i = 0; i < lost; i++)
        {
            var (_, key, before) = _log[^1];
            _log.RemoveAt(_log.Count - 1);
            if (before is { } value)
            {
                _values[key] = value;
            }
            else
            {
                _values.Remove(key);
            }
        }

        RolledBack += lost;
        Incarnation++;
        world.Trace($"store: restarted as {Incarnation}, {lost} writes lost");
    }

    /// <summary>One request.</summary>
    public Task<T> CallAsync<T>(Func<T> serve) =>
        world.RequestAsync(_server, () => IsDown || world.Happens(LossRate), TimeSpan.FromSeconds(5), "the store", serve);

    public (string Value, long ETag)? Get(string key) => _values.TryGetValue(key, out var value) ? value : null;

    public long Put(string key, string value)
    {
        _log.Add((world.Clock.Now, key, Get(key)));
        _values[key] = (value, ++_etags);
        return _etags;
    }

    public void Remove(string key)
    {
        _log.Add((world.Clock.Now, key, Get(key)));
        _values.Remove(key);
    }
}

/// <summary>A grain's stored record, as Orleans hands it to the grain.</summary>
internal sealed class SimCell<T>(SimStore store, SimCursors cursors, SimPoints points, string key) : IPersistentState<T>
    where T : class, new()
{
    private long _etag;

    public T State { get; set; } = new();

    public string? Etag => $"{_etag}";

    public bool RecordExists => _etag > 0;

    public async Task ReadStateAsync()
    {
        var found = await store.CallAsync(() => store.Get(key));
        State = found is { } value ? JsonSerializer.Deserialize<T>(value.Value)! : new T();
        _etag = found?.ETag ?? 0;
    }

    public async Task WriteStateAsync()
    {
        points.Reach(SimPoint.Applied);
        var json = JsonSerializer.Serialize(State);
        var fence = (State as IFencedState)?.Fence;
        var written = await store.CallAsync(() =>
        {
            if (fence is not null && !store.ChecksNoFence)
            {
                cursors.Check(fence);
            }

            var now = store.Get(key)?.ETag ?? 0;
            if (now != _etag && !store.ComparesNothing)
            {
                return -1;
            }

            var etag = store.Put(key, json);
            points.Reach(SimPoint.StateWritten);
            return etag;
        });
        if (written < 0)
        {
            throw new InconsistentStateException($"{key}: somebody else wrote", "another", Etag!);
        }

        _etag = written;
    }

    public async Task ClearStateAsync()
    {
        await store.CallAsync(() =>
        {
            store.Remove(key);
            return true;
        });
        (State, _etag) = (new T(), 0);
    }

    public Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();

    public Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    public Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();
}

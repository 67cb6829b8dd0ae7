using System.Collections.Concurrent;
using Orleans.Storage;

namespace Streams.Grains.Tests;

/// <summary>Grain storage in memory with real ETags: values are deep-copied through JSON, a stale ETag is refused, and writes fail as often as told to.</summary>
internal sealed class FaultyStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (string Json, string ETag)> _values = new();

    /// <summary>Calls by the record that they were of.</summary>
    public ConcurrentDictionary<string, int> Reads { get; } = new();

    /// <inheritdoc cref="Reads"/>
    public ConcurrentDictionary<string, int> Writes { get; } = new();

    /// <summary>Writes to come that fail before they reach the store.</summary>
    public int FailuresLeft { get; set; }

    /// <summary>Writes to come that reach the store and then fail: the outcome is unknown to the grain.</summary>
    public int LostAnswersLeft { get; set; }

    /// <summary>Puts one grain's record back to what it was when <see cref="Snapshot"/> was called, as a store does that lost its last writes.</summary>
    public void Restore((string Key, (string Json, string ETag)? Value) snapshot)
    {
        if (snapshot.Value is { } value)
        {
            _values[snapshot.Key] = value;
        }
        else
        {
            _values.TryRemove(snapshot.Key, out _);
        }
    }

    public (string Key, (string Json, string ETag)? Value) Snapshot(string stateName, GrainId grainId)
    {
        var key = Key(stateName, grainId);
        return (key, _values.TryGetValue(key, out var value) ? value : null);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Reads.AddOrUpdate(Key(stateName, grainId), 1, (_, count) => count + 1);
        if (_values.TryGetValue(Key(stateName, grainId), out var value))
        {
            grainState.State = System.Text.Json.JsonSerializer.Deserialize<T>(value.Json)!;
            grainState.ETag = value.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (FailuresLeft > 0)
        {
            FailuresLeft--;
            throw new TimeoutException("the store did not answer");
        }

        var key = Key(stateName, grainId);
        Writes.AddOrUpdate(key, 1, (_, count) => count + 1);
        var etag = Guid.NewGuid().ToString("n");
        lock (_values)
        {
            var stored = _values.TryGetValue(key, out var value) ? value.ETag : null;
            if (stored != grainState.ETag)
            {
                throw new InconsistentStateException("somebody else wrote", stored!, grainState.ETag!);
            }

            _values[key] = (System.Text.Json.JsonSerializer.Serialize(grainState.State), etag);
        }

        if (LostAnswersLeft > 0)
        {
            LostAnswersLeft--;
            throw new TimeoutException("the store's answer was lost");
        }

        grainState.ETag = etag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _values.TryRemove(Key(stateName, grainId), out _);
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private static string Key(string stateName, GrainId grainId) => $"{stateName}/{grainId}";
}

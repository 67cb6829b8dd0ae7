using Orleans.Storage;

namespace Streams.Grains.Processing;

/// <summary>The stored record of one key, where no grain has the key to itself.</summary>
internal sealed class StoredState(IGrainStorage storage, StreamKey key) : IPersistentState<StreamState>
{
    // As the runtime names the state of a StreamGrain and its type.
    private const string Name = "stream";

    private readonly GrainId _id = GrainId.Create(Name, key.ToString());
    private readonly GrainState<StreamState> _state = new() { State = new StreamState() };

    public StreamState State
    {
        get => _state.State!;
        set => _state.State = value;
    }

    public string Etag => _state.ETag!;

    public bool RecordExists => _state.RecordExists;

    public Task ReadStateAsync() => storage.ReadStateAsync(Name, _id, _state);

    public Task WriteStateAsync() => storage.WriteStateAsync(Name, _id, _state);

    public Task ClearStateAsync() => storage.ClearStateAsync(Name, _id, _state);
}

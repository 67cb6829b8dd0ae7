namespace Streams.Processors.Captioning.Serving;

/// <summary>Waiting items by camera, given out one camera after another: a long backlog of one delays another by one item at most. Not thread-safe.</summary>
internal sealed class FairQueue<T>
{
    private readonly Dictionary<string, Queue<T>> _cameras = [];
    private readonly Queue<string> _turns = new();

    /// <summary>Items waiting.</summary>
    public int Count { get; private set; }

    /// <summary>Items of one camera waiting.</summary>
    public int CountOf(string camera) => _cameras.TryGetValue(camera, out var items) ? items.Count : 0;

    public void Enqueue(string camera, T item)
    {
        if (!_cameras.TryGetValue(camera, out var items))
        {
            _cameras[camera] = items = new Queue<T>();
            _turns.Enqueue(camera);
        }

        items.Enqueue(item);
        Count++;
    }

    /// <summary>What <see cref="TryDequeue"/> would give.</summary>
    public bool TryPeek(out T item)
    {
        var some = _turns.TryPeek(out var camera);
        item = some ? _cameras[camera!].Peek() : default!;
        return some;
    }

    /// <summary>The oldest item of the camera whose turn it is.</summary>
    public bool TryDequeue(out T item)
    {
        if (!_turns.TryDequeue(out var camera))
        {
            item = default!;
            return false;
        }

        var items = _cameras[camera];
        item = items.Dequeue();
        Count--;
        if (items.Count > 0)
        {
            _turns.Enqueue(camera);
        }
        else
        {
            _cameras.Remove(camera); // a camera that is gone leaves nothing
        }

        return true;
    }
}

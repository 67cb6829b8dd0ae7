using Streams.Processors.Captioning.Cuda;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// Runs the models of one device for all cameras. Two threads of its own: one encodes images, one prefills and decodes, so that the two overlap;
/// neither reads, scales or unpacks pictures. Requests join and leave between decoding steps, when <see cref="JoinPolicy"/> says.
/// </summary>
internal sealed class DeviceBatcher : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly long _cacheBytes;

    // On a GPU each thread has a queue of its own: small decoding steps run beside the large products of the encoder.
    private readonly CudaStream? _encodingStream;
    private readonly CudaStream? _generatingStream;
    private readonly Task _encoding;
    private readonly Task _generating;
    private readonly Timer _trim = new(_ => NativeHeap.Trim(), null, NativeHeap.Interval, NativeHeap.Interval);

    // Written under the lock, replaced whole: metrics read it without.
    private volatile ModelLane[] _lanes = [];
    private int _turn; // of the encoding thread: the model to look at first
    private bool _closing; // no more requests; under the lock
    private bool _allEncoded; // nor any that wait for a slot; under the lock

    /// <summary>Starts the threads.</summary>
    /// <param name="cacheBytes">Most bytes of all models' key-value caches.</param>
    /// <param name="device">The device; the CPU when not given.</param>
    public DeviceBatcher(long cacheBytes, Device? device = null)
    {
        NativeHeap.Keep();
        _cacheBytes = cacheBytes;
        (_encodingStream, _generatingStream) = (CudaStream.TryTake(device ?? CPU), CudaStream.TryTake(device ?? CPU));
        _encoding = Task.Factory.StartNew(EncodeAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _generating = Task.Factory.StartNew(GenerateAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        ServingMetrics.Observe(this);
    }

    public IReadOnlyList<ModelLane> Lanes => _lanes;

    /// <summary>Takes a model in. It stays the caller's to dispose, after this.</summary>
    /// <param name="model">The model.</param>
    /// <param name="slots">Slots, if the budget has room for so many; fewer otherwise.</param>
    /// <param name="embeddingBytes">Bytes of visual tokens to keep.</param>
    /// <exception cref="CacheBudgetException">There is no room for a single slot.</exception>
    public ModelLane Add(ServedModel model, int slots, long embeddingBytes)
    {
        using var guard = inference_mode();
        var (slotBytes, left) = (Decoder.SlotCache.SlotBytes(model.Text, model.SlotTokens, model.Type), _cacheBytes - _lanes.Sum(lane => lane.KeyValueBytes));
        var fitting = (int)Math.Min(int.MaxValue, left / slotBytes);
        if (fitting < 1)
        {
            throw CacheBudgetException.Slot(model.Name, model.SlotTokens, slotBytes, left);
        }

        var lane = CreateLane(model, slots, GenerationProbe.Rows(slots, fitting), embeddingBytes);
        lock (_gate)
        {
            _lanes = [.. _lanes, lane];
        }

        return lane;
    }

    /// <summary>Queues a request; its result comes with <see cref="GenerationRequest.Result"/>.</summary>
    /// <exception cref="CacheBudgetException">It is longer than a slot.</exception>
    /// <exception cref="ObjectDisposedException">The batcher takes no more.</exception>
    public void Submit(ModelLane lane, GenerationRequest request)
    {
        var tokens = request.Ids.Count + request.MaxNewTokens;
        if (tokens > lane.Model.SlotTokens)
        {
            throw CacheBudgetException.Request(lane.Model.Name, tokens, lane.Model.SlotTokens);
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            lane.Queue.Enqueue(request.Camera, request);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Finishes what waits, then frees caches. The models are the caller's.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }

        await Task.WhenAll(_encoding, _generating);
        await _trim.DisposeAsync();
        ServingMetrics.Forget(this);
        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }
    }

    // Memory is kept by queue, so what is tried is tried in those that will use it.
    private ModelLane CreateLane(ServedModel model, int slots, int rows, long embeddingBytes)
    {
        Synchronize(model.Device); // the weights are there
        ImageEncoder encoder;
        using (_encodingStream?.Use())
        {
            encoder = new ImageEncoder(model, embeddingBytes);
        }

        using (_generatingStream?.Use())
        {
            var generator = new SlotGenerator(model, slots, rows);
            Synchronize(model.Device);
            return new ModelLane(model, encoder, generator);
        }
    }

    private static void Synchronize(Device device)
    {
        if (device.type == TorchSharp.DeviceType.CUDA)
        {
            cuda.synchronize(device);
        }
    }

    private void EncodeAll()
    {
        using var guard = inference_mode();
        using var stream = _encodingStream?.Use();
        while (NextToEncode() is ({ } lane, { } requests))
        {
            var encoded = lane.Encoder.Encode(requests);
            encoded.Where(request => request.EncodeOnly).ToList().ForEach(request => request.CompleteEncoded());
            lock (_gate)
            {
                lane.Encoding = 0;
                lane.Policy.Passed();
                encoded.Where(request => !request.EncodeOnly).ToList().ForEach(lane.Encoded.Enqueue);
                Monitor.PulseAll(_gate);
            }
        }

        lock (_gate)
        {
            _allEncoded = true;
            Monitor.PulseAll(_gate);
        }
    }

    // Blocks; the threads are this class's own. Null when there will be nothing more.
    private (ModelLane? Lane, List<GenerationRequest>? Requests) NextToEncode()
    {
        lock (_gate)
        {
            while (true)
            {
                for (var i = 0; i < _lanes.Length; i++)
                {
                    var lane = _lanes[(_turn + i) % _lanes.Length];
                    if (lane.Queue.Count > 0 && lane.Room > 0)
                    {
                        _turn = (_turn + i + 1) % _lanes.Length;
                        return (lane, Dequeue(lane));
                    }
                }

                if (_closing && _lanes.All(lane => lane.Queue.Count == 0))
                {
                    return (null, null);
                }

                Monitor.Wait(_gate);
            }
        }
    }

    // One pass of the encoder, or one request where that has more images.
    private static List<GenerationRequest> Dequeue(ModelLane lane)
    {
        var requests = new List<GenerationRequest>();
        var (images, room) = (0, lane.RoomToFill);
        while (requests.Count < room && images < lane.Encoder.Sizes.Max && lane.Queue.TryDequeue(out var request))
        {
            requests.Add(request);
            images += request.Images.Count;
        }

        lane.Encoding = requests.Count;
        return requests;
    }

    private void GenerateAll()
    {
        using var guard = inference_mode();
        using var stream = _generatingStream?.Use();
        while (NextToGenerate() is { } turns)
        {
            foreach (var (lane, joining, steps) in turns)
            {
                lane.Generator.Admit(joining);
                if (steps)
                {
                    lane.Generator.Step();
                }
            }
        }
    }

    // Waits while nobody joins and nothing may be continued.
    private List<(ModelLane Lane, List<GenerationRequest> Joining, bool Steps)>? NextToGenerate()
    {
        lock (_gate)
        {
            while (true)
            {
                var turns = new List<(ModelLane Lane, List<GenerationRequest> Joining, bool Steps)>();
                foreach (var lane in _lanes)
                {
                    var (active, coming) = (lane.Generator.Active, lane.Coming);
                    var joining = Take(lane.Encoded, lane.Policy.Joining(active, lane.Encoded.Count, coming));
                    var steps = lane.Policy.Steps(active + joining.Count, lane.Encoded.Count, coming);
                    if (joining.Count > 0 || steps)
                    {
                        turns.Add((lane, joining, steps));
                        Monitor.PulseAll(_gate); // there may be room for the encoder's next
                    }
                }

                if (turns.Count > 0)
                {
                    return turns;
                }

                if (_allEncoded)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }
        }
    }
    private static List<GenerationRequest> Take(Queue<GenerationRequest> queue, int count) => [.. Enumerable.Range(0, count).Select(_ => queue.Dequeue())];
}

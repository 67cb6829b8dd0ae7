using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Serving;

/// <summary>A batcher with the shipped model, whose encoder can be held so that requests meet.</summary>
internal sealed class Batch : IAsyncDisposable
{
    private readonly ModelSession _session;
    private readonly DeviceBatcher _batcher;
    private readonly ManualResetEventSlim _open = new(initialState: true);

    public Batch(int slots = 8, long embeddingBytes = 0, long cacheBytes = 1 << 30, bool stepsWait = false)
    {
        _session = ModelSession.Load(new CaptionerOptions { BatchSize = slots }, CPU);
        _batcher = new DeviceBatcher(cacheBytes);
        Lane = _batcher.Add(_session.Served with { Pixels = Pixels, StepsWait = stepsWait }, slots, embeddingBytes);
        Passes.Clear(); // the probe's
    }

    public ModelLane Lane { get; }

    public DeviceBatcher Batcher => _batcher;

    /// <summary>Frames of the encoder's passes, for who wants to see what went through.</summary>
    public List<IReadOnlyList<RgbFrame>> Passes { get; } = [];

    /// <summary>What the encoder does instead, where this gives a tensor or throws.</summary>
    public Func<IReadOnlyList<RgbFrame>, Tensor?>? Instead { get; set; }

    public void Hold() => _open.Reset();

    public void Open() => _open.Set();

    public static List<RgbFrame> Clip(int index) => Pipeline.TorchCaptionerTests.Clip(ClipScenes.Create(91, index));

    public GenerationRequest Ask(IReadOnlyList<RgbFrame> clip, string camera = "", int? maxNewTokens = null) =>
        AskUntil(CancellationToken.None, clip, camera, maxNewTokens);

    public GenerationRequest AskUntil(CancellationToken cancellation, IReadOnlyList<RgbFrame> clip, string camera = "", int? maxNewTokens = null)
    {
        var (ids, images) = _session.Prepare(clip);
        var request = new GenerationRequest(camera, ids, images, maxNewTokens ?? _session.MaxNewTokens, cancellation);
        _batcher.Submit(Lane, request);
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        Open();
        await _batcher.DisposeAsync();
        _session.Dispose();
        _open.Dispose();
    }

    private Tensor Pixels(IReadOnlyList<RgbFrame> frames)
    {
        _open.Wait();
        Passes.Add(frames);
        return Instead?.Invoke(frames) ?? _session.Served.Pixels(frames);
    }
}

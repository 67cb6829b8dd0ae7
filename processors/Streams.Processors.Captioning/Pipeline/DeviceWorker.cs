using System.Collections.Concurrent;
using System.Diagnostics;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A model on one device, behind a batcher. Safe for concurrent use.</summary>
internal sealed class DeviceWorker : IAsyncDisposable
{
    private readonly CaptionerOptions _options;
    private readonly TimeProvider _time;
    private readonly DeviceBatcher _batcher;
    private readonly ModelLane _lane;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _room = new();

    private DeviceWorker(ICaptionSession session, DeviceBatcher batcher, ModelLane lane, CaptionerOptions options, TimeProvider time) =>
        (Session, _batcher, _lane, _options, _time) = (session, batcher, lane, options, time);

    public ICaptionSession Session { get; }

    public static DeviceWorker Load(CaptionerOptions options, Device device, TimeProvider time)
    {
        // Published folders name their class; ours name themselves.
        var published = JsonFields.Read(options.ModelDirectory, ModelFolder.ConfigFile, optional: false).Has("model_type");
        ICaptionSession session = published ? new CheckpointSession(options, device) : ModelSession.Load(options, device);
        var batcher = new DeviceBatcher(options.CacheBytes, device);
        try
        {
            return new DeviceWorker(session, batcher, batcher.Add(session.Served, options.BatchSize, options.EmbeddingCacheBytes), options, time);
        }
        catch
        {
            batcher.DisposeAsync().AsTask().GetAwaiter().GetResult();
            session.Dispose();
            throw;
        }
    }

    public Task<GeneratedCaption> CaptionAsync(string camera, IReadOnlyList<RgbFrame> clip, CancellationToken cancellation) =>
        InTurnAsync(camera, async either => Session.Describe(await (await SubmitAsync(camera, clip, Session.MaxNewTokens, either)).Result), cancellation);

    public Task<FrameEmbeddings> EmbedAsync(string camera, IReadOnlyList<RgbFrame> frames, CancellationToken cancellation) => InTurnAsync(
        camera,
        async either =>
        {
            var request = await SubmitAsync(camera, frames, 0, either);
            return new FrameEmbeddings(request.Embeddings, Session.Served.Text.HiddenSize, request.Images.Count);
        },
        cancellation);

    public async ValueTask DisposeAsync()
    {
        await _batcher.DisposeAsync();
        Session.Dispose();
    }

    private async Task<T> InTurnAsync<T>(string camera, Func<CancellationToken, Task<T>> run, CancellationToken cancellation)
    {
        // A caller who waits here has no turn yet, so that each camera waits behind its own clips alone.
        var room = _room.GetOrAdd(camera, _ => new SemaphoreSlim(_options.QueueCapacity));
        using var deadline = new CancellationTokenSource(_options.Deadline > TimeSpan.Zero ? _options.Deadline : Timeout.InfiniteTimeSpan, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            await room.WaitAsync(either.Token);
            try
            {
                return await run(either.Token);
            }
            finally
            {
                room.Release();
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new CaptionDeadlineException(_options.Deadline);
        }
    }

    private async Task<GenerationRequest> SubmitAsync(string camera, IReadOnlyList<RgbFrame> clip, int maxNewTokens, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var began = Stopwatch.GetTimestamp();
        var (ids, images) = Session.Prepare(clip);
        ServingMetrics.Prepared("prepare", began);
        var request = new GenerationRequest(camera, maxNewTokens == 0 ? [] : ids, images, maxNewTokens, cancellation);
        _batcher.Submit(_lane, request);
        await request.Result.WaitAsync(cancellation);
        return request;
    }
}

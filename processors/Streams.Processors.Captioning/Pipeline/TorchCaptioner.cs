using System.Diagnostics;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>
/// Captions clips with a model folder: a batcher a device, shared by all cameras. Frames are scaled and prompts written by whoever calls.
/// </summary>
public sealed class TorchCaptioner : ICaptioner, IAsyncDisposable
{
    private readonly IReadOnlyList<DeviceWorker> _workers;

    private TorchCaptioner(IReadOnlyList<DeviceWorker> workers) => _workers = workers;

    /// <summary>What was loaded.</summary>
    public CaptionerModelInfo Model => _workers[0].Session.Info with { Device = string.Join(", ", _workers.Select(worker => worker.Session.Info.Device)) };

    /// <inheritdoc/>
    public string ModelName => _workers[0].Session.Info.Name;

    /// <summary>Loads the model on its devices and starts their batchers.</summary>
    /// <exception cref="CheckpointException">The weights do not fit the configuration.</exception>
    /// <exception cref="ModelConfigException">The configuration cannot be built.</exception>
    /// <exception cref="Tokenization.TokenizerException">The tokenizer cannot be read or is of another vocabulary.</exception>
    /// <exception cref="DeviceNotAvailableException">A device is not there.</exception>
    /// <exception cref="CacheBudgetException">The key-value cache has no room for one clip.</exception>
    /// <exception cref="FileNotFoundException">A file of the folder is missing.</exception>
    /// <param name="options">Model, devices and limits.</param>
    /// <param name="time">For deadlines; the system's when not given.</param>
    public static async Task<TorchCaptioner> LoadAsync(CaptionerOptions options, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueCapacity, 1);
        var workers = new List<DeviceWorker>();
        try
        {
            foreach (var device in options.Device.Split(','))
            {
                // Off the caller's thread: it takes seconds for a large model.
                workers.Add(await Task.Factory.StartNew(
                    () => DeviceWorker.Load(options, TorchDevice.Resolve(device), time ?? TimeProvider.System), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            }

            return new TorchCaptioner(workers);
        }
        catch
        {
            await DisposeAsync(workers);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken) =>
        CaptionAsync("", clip, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<GeneratedCaption> CaptionAsync(string camera, IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(clip.Count);
        var began = Stopwatch.GetTimestamp();
        var caption = await Of(camera).CaptionAsync(camera, clip, cancellationToken);
        ServingMetrics.Waited(ModelName, began);
        return caption;
    }

    /// <inheritdoc/>
    public async ValueTask<FrameEmbeddings?> EmbedAsync(string camera, IReadOnlyList<RgbFrame> frames, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(frames.Count);
        return await Of(camera).EmbedAsync(camera, frames, cancellationToken);
    }

    /// <summary>Finishes what waits, then frees the model.</summary>
    public async ValueTask DisposeAsync() => await DisposeAsync(_workers);

    // FNV-1a: string.GetHashCode is another in every process, and a replay must find the same device.
    private DeviceWorker Of(string camera)
    {
        var hash = camera.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
        return _workers[(int)(hash % (uint)_workers.Count)];
    }

    private static async Task DisposeAsync(IReadOnlyList<DeviceWorker> workers)
    {
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }
    }
}

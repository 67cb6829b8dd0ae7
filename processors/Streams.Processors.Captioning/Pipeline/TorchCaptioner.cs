using System.Threading.Channels;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>
/// Captions clips with a model folder. One thread of its own runs the model; requests that wait meanwhile go through it together.
/// </summary>
public sealed class TorchCaptioner : ICaptioner, IAsyncDisposable
{
    private readonly Channel<Request> _requests;
    private readonly CaptionerOptions _options;
    private readonly TaskCompletionSource<CaptionerModelInfo> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _worker;
    private ICaptionSession _session = null!; // written by the worker before it is ready, read by callers after

    private TorchCaptioner(CaptionerOptions options)
    {
        _options = options;
        _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(options.QueueCapacity) { SingleReader = true });
        _worker = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What was loaded.</summary>
    public CaptionerModelInfo Model { get; private set; } = null!;

    /// <inheritdoc/>
    public string ModelName => Model.Name;

    /// <summary>Loads the model and starts the thread.</summary>
    /// <exception cref="CheckpointException">The weights do not fit the configuration.</exception>
    /// <exception cref="ModelConfigException">The configuration cannot be built.</exception>
    /// <exception cref="Tokenization.TokenizerException">The tokenizer cannot be read or is of another vocabulary.</exception>
    /// <exception cref="DeviceNotAvailableException">The device is not there.</exception>
    /// <exception cref="FileNotFoundException">A file of the folder is missing.</exception>
    public static async Task<TorchCaptioner> LoadAsync(CaptionerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueCapacity, 1);
        var captioner = new TorchCaptioner(options);
        captioner.Model = await captioner._ready.Task;
        return captioner;
    }

    /// <inheritdoc/>
    public async ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(clip.Count);
        var request = new Request(_session.Prepare(clip), cancellationToken);
        try
        {
            await _requests.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException("The captioner was disposed; it takes no more clips", e);
        }

        return await request.Result.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Finishes what waits, then frees the model.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        await _worker;
    }

    private void Work()
    {
        ICaptionSession session;
        try
        {
            // Published folders name their class; ours name themselves.
            var published = JsonFields.Read(_options.ModelDirectory, ModelFolder.ConfigFile, optional: false).Has("model_type");
            session = published ? new CheckpointSession(_options) : ModelSession.Load(_options);
        }
        catch (Exception e)
        {
            _requests.Writer.TryComplete(e);
            _ready.SetException(e);
            return;
        }

        using (session)
        {
            _session = session;
            _ready.SetResult(session.Info);
            var batch = new List<Request>(_options.BatchSize);
            while (WaitForRequest(_requests.Reader))
            {
                while (batch.Count < _options.BatchSize && _requests.Reader.TryRead(out var request))
                {
                    if (!request.Cancellation.IsCancellationRequested)
                    {
                        batch.Add(request);
                    }
                }

                Run(session, batch);
                batch.Clear();
            }
        }
    }

    // The thread is this class's own, so blocking it costs nobody anything, and torch's dispose scopes stay on it.
    private static bool WaitForRequest(ChannelReader<Request> reader) => reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private static void Run(ICaptionSession session, List<Request> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            var captions = session.Caption([.. batch.Select(request => request.Clip)]);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Result.TrySetResult(captions[i]);
            }
        }
        catch (Exception e)
        {
            batch.ForEach(request => request.Result.TrySetException(e));
        }
    }

    private sealed record Request(ClipInput Clip, CancellationToken Cancellation)
    {
        public TaskCompletionSource<GeneratedCaption> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

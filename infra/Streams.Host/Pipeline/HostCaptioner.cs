using Microsoft.Extensions.Diagnostics.HealthChecks;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Host.Pipeline;

/// <summary>The captioner of a host: loaded at the start, beside everything else that takes its time there, or with the first clip.</summary>
internal sealed class HostCaptioner(CaptionerOptions options) : ICaptioner, IHealthCheck, IAsyncDisposable
{
    private readonly Lazy<Task<TorchCaptioner>> _model = new(() => TorchCaptioner.LoadAsync(options));

    /// <summary>Waits for the model where it is not loaded yet: a second or two once, for the first clip.</summary>
    public string ModelName => _model.Value.GetAwaiter().GetResult().ModelName;

    /// <summary>What is loaded; null when nothing is.</summary>
    public CaptionerModelInfo? Model => _model is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? _model.Value.Result.Model : null;

    /// <summary>Loads the model, once.</summary>
    /// <exception cref="Exception">Those of <see cref="TorchCaptioner.LoadAsync"/>.</exception>
    public Task LoadAsync() => _model.Value;

    /// <summary>Not ready while a model loads that is to be there from the start.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Model is null && options.Load == CaptionerLoad.Start ? HealthCheckResult.Unhealthy("the captioner's model loads") : HealthCheckResult.Healthy());

    public async ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken) =>
        await (await _model.Value).CaptionAsync(clip, cancellationToken);

    public async ValueTask<GeneratedCaption> CaptionAsync(string camera, IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken) =>
        await (await _model.Value).CaptionAsync(camera, clip, cancellationToken);

    public async ValueTask<FrameEmbeddings?> EmbedAsync(string camera, IReadOnlyList<RgbFrame> frames, CancellationToken cancellationToken) =>
        await (await _model.Value).EmbedAsync(camera, frames, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_model.IsValueCreated)
        {
            return;
        }

        await ((Task)_model.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_model.Value.IsCompletedSuccessfully)
        {
            await _model.Value.Result.DisposeAsync();
        }
    }
}

using System.ComponentModel.DataAnnotations;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>Makes the captioning processors of cameras; all share one captioner.</summary>
public sealed class CaptioningProcessorFactory : IRecordProcessorFactory
{
    private readonly ICaptioner _captioner;
    private readonly CaptioningOptions _options;

    /// <summary>A factory over <paramref name="captioner"/>, which stays the caller's to dispose.</summary>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    public CaptioningProcessorFactory(ICaptioner captioner, CaptioningOptions? options = null)
    {
        _captioner = captioner;
        _options = options ?? new CaptioningOptions();
        Validator.ValidateObject(_options, new ValidationContext(_options), validateAllProperties: true);
    }

    /// <inheritdoc/>
    public string Topic => Topics.VideoFrames;

    /// <inheritdoc/>
    public IRecordProcessor Create(string key, byte[]? state) =>
        new CaptioningProcessor(key, _captioner, _options, state is null ? ClipState.Empty : ClipState.Load(state, _options));
}

using System.ComponentModel.DataAnnotations;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Processors.ModeEstimation;

/// <summary>Makes the processors of <see cref="Topics.LabelSamples"/>, one a labelling task.</summary>
public sealed class ModeEstimationProcessorFactory : IRecordProcessorFactory
{
    private readonly ModeEstimationOptions _options;

    /// <summary>A factory whose processors use <paramref name="options"/>; null for the defaults.</summary>
    /// <exception cref="ValidationException">A setting is out of its range.</exception>
    public ModeEstimationProcessorFactory(ModeEstimationOptions? options = null)
    {
        _options = options ?? new ModeEstimationOptions();
        Validator.ValidateObject(_options, new ValidationContext(_options), validateAllProperties: true);
    }

    /// <inheritdoc />
    public string Topic => Topics.LabelSamples;

    /// <inheritdoc />
    public bool IsLight => true;

    /// <inheritdoc />
    public IRecordProcessor Create(string key, byte[]? state) => state is null ? new LabelTaskProcessor(key, _options) : LabelTaskProcessor.Restore(key, state, _options);
}

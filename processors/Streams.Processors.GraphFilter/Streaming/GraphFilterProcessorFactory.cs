using System.ComponentModel.DataAnnotations;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Makes the processors of <see cref="Topics.SensorSignals"/>: one per sensor network.</summary>
public sealed class GraphFilterProcessorFactory : IRecordProcessorFactory
{
    private readonly GraphFilterOptions _options;

    /// <summary>Checks and keeps the options.</summary>
    /// <exception cref="ValidationException">An option is out of its range; the message names it.</exception>
    public GraphFilterProcessorFactory(GraphFilterOptions? options = null)
    {
        _options = options ?? new GraphFilterOptions();
        Validator.ValidateObject(_options, new ValidationContext(_options), validateAllProperties: true);
    }

    /// <inheritdoc/>
    public string Topic => Topics.SensorSignals;

    /// <inheritdoc/>
    public IRecordProcessor Create(string key, byte[]? state)
    {
        var (network, order) = state is null ? (new SensorNetwork(_options), null) : NetworkState.Load(key, state, _options);
        return new GraphFilterProcessor(key, network, order);
    }
}

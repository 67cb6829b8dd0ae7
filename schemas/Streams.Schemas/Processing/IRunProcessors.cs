namespace Streams.Schemas.Processing;

/// <summary>Knows with which processors a run's records are processed: a replay may have settings of its own.</summary>
public interface IRunProcessors
{
    /// <summary>The factory for one source topic of one run.</summary>
    /// <exception cref="InvalidOperationException">No processor reads that topic, or the run is not known.</exception>
    ValueTask<IRecordProcessorFactory> ForAsync(string run, string topic);

    /// <inheritdoc cref="IRecordProcessorFactory.IsLight"/>
    /// <param name="topic">The source topic; its processors are alike in this whatever the run.</param>
    bool IsLight(string topic) => false;
}

namespace Streams.Schemas.Processing;

/// <summary>Makes the processors of one source topic.</summary>
public interface IRecordProcessorFactory
{
    /// <summary>The source topic that its processors read.</summary>
    string Topic { get; }

    /// <summary>
    /// Whether a batch takes microseconds and no device, and keys may be millions: then many of them share a call. A key should not have records in
    /// several partitions then: each time another partition has written its state, what was computed is computed again.
    /// </summary>
    bool IsLight => false;

    /// <summary>A processor for <paramref name="key"/>: fresh when <paramref name="state"/> is null, else as saved.</summary>
    /// <exception cref="StateFormatException">The state was written by a version that this one cannot read.</exception>
    IRecordProcessor Create(string key, byte[]? state);
}

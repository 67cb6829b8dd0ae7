namespace Streams.Ingest.Sources;

/// <summary>Turns a file or a stream into records. Opening checks the options and that the input is there; reading does the work.</summary>
public interface IRecordSource
{
    /// <summary>
    /// How many records <see cref="ReadAsync"/> is going to give, for a progress bar; null when nobody can know.
    /// A video's count comes from its stated length and may be off by one.
    /// </summary>
    long? ExpectedRecords { get; }

    /// <summary>The records in order, made as they are asked for. Each call reads the input anew.</summary>
    /// <exception cref="SourceException">The input is wrong. The records before the fault have been given.</exception>
    IAsyncEnumerable<SourceRecord> ReadAsync(CancellationToken ct = default);
}

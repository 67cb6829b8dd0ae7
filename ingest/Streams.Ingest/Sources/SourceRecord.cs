using Streams.Schemas.Envelope;

namespace Streams.Ingest.Sources;

/// <summary>A record ready to be published.</summary>
/// <param name="Topic">One of <see cref="Schemas.Topics.Sources"/>.</param>
/// <param name="Key">Camera, sensor network or labelling task.</param>
/// <param name="Envelope">Context attributes. The id depends on the input alone, so that a repeated publish can be recognised.</param>
/// <param name="Headers">Headers beyond the envelope's.</param>
/// <param name="Value">The data.</param>
public sealed record SourceRecord(
    string Topic,
    string Key,
    EventEnvelope Envelope,
    IReadOnlyList<KeyValuePair<string, byte[]>> Headers,
    ReadOnlyMemory<byte> Value)
{
    /// <summary>The envelope's headers, then the others.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> AllHeaders() => Envelope.ToHeaders().Concat(Headers);
}

using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Ingest.Decoding;

/// <summary>Checks the records of one source topic against the wire contract, in one place for all who read it.</summary>
public interface IRecordDecoder
{
    /// <summary>The source topic.</summary>
    string Topic { get; }

    /// <summary>The record as a processor sees it.</summary>
    /// <param name="record">As it came from the broker.</param>
    /// <param name="key">Its key as text.</param>
    /// <param name="ct">Gives up decoding.</param>
    /// <exception cref="RecordFormatException">The record breaks the contract.</exception>
    /// <exception cref="DecoderUnavailableException">It cannot be decided here and now; call again.</exception>
    ValueTask<InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken ct);
}

/// <summary>A tool that decoding needs is missing: nothing is wrong with the record.</summary>
public sealed class DecoderUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

namespace Streams.Schemas.Processing;

/// <summary>
/// The state and behaviour of one key of one source topic. Pure: no clock, no randomness that is not seeded from the key,
/// no I/O. The same records in the same order give the same outputs and the same state, however they are batched.
/// Calls never overlap.
/// </summary>
public interface IRecordProcessor
{
    /// <summary>Applies <paramref name="records"/> in order, each exactly once.</summary>
    ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken);

    /// <summary>The whole state as versioned bytes, from which the factory makes an equal processor.</summary>
    byte[] SaveState();
}

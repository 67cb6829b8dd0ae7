namespace Streams.Processors.Captioning.Serving;

/// <summary>One model's way through a <see cref="DeviceBatcher"/>: what waits for the encoder, what waits for a slot, and the slots.</summary>
internal sealed class ModelLane(ServedModel model, ImageEncoder encoder, SlotGenerator generator) : IDisposable
{
    public ServedModel Model { get; } = model;

    /// <summary>Of the encoding thread.</summary>
    public ImageEncoder Encoder { get; } = encoder;

    /// <summary>Of the generating thread.</summary>
    public SlotGenerator Generator { get; } = generator;

    /// <summary>Guarded by the batcher's lock.</summary>
    public FairQueue<GenerationRequest> Queue { get; } = new();

    /// <summary>Guarded by the batcher's lock. No longer than there are slots: a clip that waits should wait where turns are taken.</summary>
    public Queue<GenerationRequest> Encoded { get; } = new();

    /// <summary>Being encoded. Guarded by the batcher's lock.</summary>
    public int Encoding { get; set; }

    /// <summary>Clips that may go to the encoder now.</summary>
    public int Room => Generator.Slots - Encoded.Count - Encoding;

    // For metrics, which may be a little behind.
    public int Waiting => Queue.Count;

    public int Active => Generator.Active;

    public long KeyValueBytes => Generator.CacheBytes;

    public long EmbeddingBytes => Encoder.CacheBytes;

    public void Dispose()
    {
        Encoder.Dispose();
        Generator.Dispose();
    }
}

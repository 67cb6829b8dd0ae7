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

    /// <summary>Guarded by the batcher's lock.</summary>
    public JoinPolicy Policy { get; } = new(generator.Slots, model.StepsWait ?? model.LikesLargeBatches, model.PrefillsAhead);

    /// <summary>Clips that wait for the encoder or are in it. Under the batcher's lock.</summary>
    public int Coming => Queue.Count + Encoding;

    /// <summary>Clips that are being encoded. Guarded by the batcher's lock.</summary>
    public int Encoding { get; set; }

    /// <summary>
    /// Clips that may go to the encoder now. None before half of the encoded ones are taken: one by one, as slots fall free, they would fill no
    /// pass.
    /// </summary>
    public int Room => Encoding == 0 && Encoded.Count <= Generator.Slots / 2 ? Generator.Slots - Encoded.Count : 0;

    /// <summary>
    /// The same where more are waiting, but for those whose images would fill no batch of the encoder and be paid for as if they did: on a CPU, where the
    /// time is in the images, they go with the next. Clips are taken to be like the one whose turn it is.
    /// </summary>
    public int RoomToFill
    {
        get
        {
            var images = Queue.TryPeek(out var next) ? next.Images.Count : 0;
            var together = Model.LikesLargeBatches || images == 0 ? 1 : Math.Max(1, Encoder.Sizes.Sizes[0] / images);
            return Queue.Count < Room || Room < together ? Room : Room - (Room % together);
        }
    }

    // For metrics, which may be a little behind.
    public int Waiting => Queue.Count;

    public int Active => Math.Min(Generator.Active, Generator.Slots);

    public long KeyValueBytes => Generator.CacheBytes;

    public long EmbeddingBytes => Encoder.CacheBytes;

    public void Dispose()
    {
        Encoder.Dispose();
        Generator.Dispose();
    }
}

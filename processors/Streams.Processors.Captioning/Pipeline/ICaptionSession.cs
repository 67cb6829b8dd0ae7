using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A loaded model behind <see cref="TorchCaptioner"/>. Made, asked and freed on one thread.</summary>
internal interface ICaptionSession : IDisposable
{
    CaptionerModelInfo Info { get; }

    /// <summary>A clip as the model wants to see it. Called on any thread.</summary>
    ClipInput Prepare(IReadOnlyList<RgbFrame> clip);

    /// <summary>Captions of at most <see cref="CaptionerOptions.BatchSize"/> clips; each the same whatever is beside it.</summary>
    IReadOnlyList<GeneratedCaption> Caption(IReadOnlyList<ClipInput> clips);
}

/// <summary>A prepared clip; each kind of session has its own.</summary>
internal abstract record ClipInput;

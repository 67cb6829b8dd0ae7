using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A loaded model behind <see cref="TorchCaptioner"/>: what it is asked, and what its tokens say. Safe for concurrent use.</summary>
internal interface ICaptionSession : IDisposable
{
    CaptionerModelInfo Info { get; }

    ServedModel Served { get; }

    /// <summary>Longest answer, in tokens.</summary>
    int MaxNewTokens { get; }

    /// <summary>The prompt about a clip and the images that belong into it, at the encoder's size.</summary>
    (IReadOnlyList<long> Ids, IReadOnlyList<RgbFrame> Images) Prepare(IReadOnlyList<RgbFrame> clip);

    GeneratedCaption Describe(IReadOnlyList<(int Id, double LogProbability)> tokens);
}

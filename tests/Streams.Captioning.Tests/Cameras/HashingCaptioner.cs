using System.Security.Cryptography;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Cameras;

/// <summary>Answers with a hash of the pixels it was given, so that any difference of input shows.</summary>
internal sealed class HashingCaptioner(string name = "hash 1") : ICaptioner
{
    public string ModelName => name;

    public int Calls { get; private set; }

    /// <summary>One token a frame: its brightest pixel's levels, so that light alone does not turn it.</summary>
    public ValueTask<FrameEmbeddings?> EmbedAsync(string camera, IReadOnlyList<RgbFrame> frames, CancellationToken cancellationToken)
    {
        float Brightest(RgbFrame frame, int channel) => frame.Pixels.ToArray().Where((_, i) => i % 3 == channel).Max();
        float[] values = [.. frames.SelectMany(frame => new[] { Brightest(frame, 0), Brightest(frame, 1) + 90 })];
        return ValueTask.FromResult<FrameEmbeddings?>(new FrameEmbeddings(values, 2, frames.Count));
    }

    public ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Calls++;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var frame in clip)
        {
            hash.AppendData(frame.Pixels.Span);
        }

        return ValueTask.FromResult(new GeneratedCaption($"{clip.Count} {Convert.ToHexString(hash.GetCurrentHash())}", 0.5, ModelName));
    }
}

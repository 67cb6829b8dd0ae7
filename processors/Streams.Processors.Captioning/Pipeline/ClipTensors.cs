using System.Runtime.InteropServices;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>What the model reads: normalised pixels and the sequence of ids that they are set into.</summary>
internal sealed class ClipTensors(CaptionerConfig config, Device device)
{
    private const int Levels = 256;

    // What each byte of each channel becomes.
    private readonly float[][] _normalized = [.. config.ImageMean.Zip(config.ImageStd, (mean, deviation) =>
        Enumerable.Range(0, Levels).Select(level => ((level / 255f) - mean) / deviation).ToArray())];

    public Device Device { get; } = device;

    /// <summary>Frames of RGB bytes (H, W, 3), each by itself or several one after another, to (frames, 3, H, W).</summary>
    public Tensor Pixels(params IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        var size = config.VisionConfig.ImageSize;
        using var scope = NewDisposeScope();
        var images = empty([frames.Sum(frame => frame.Length) / (3 * size * size), 3, size, size], ScalarType.Float32);
        var planes = MemoryMarshal.Cast<byte, float>(images.bytes);
        foreach (var frame in frames)
        {
            Normalize(frame.Span, planes[..frame.Length], size * size);
            planes = planes[frame.Length..];
        }

        return DeviceTensors.Send(images, Device).MoveToOuterDisposeScope();
    }

    /// <summary>For each frame its marker and places for its visual tokens; then the token that begins the caption.</summary>
    public long[] Prompt(int frames)
    {
        var frame = Enumerable.Repeat((long)config.ImageTokenId, config.ConnectorConfig.NumQueryTokens).Prepend(config.FrameTokenId).ToArray();
        return [.. Enumerable.Repeat(frame, frames).SelectMany(ids => ids), config.BosTokenId];
    }

    private void Normalize(ReadOnlySpan<byte> interleaved, Span<float> planes, int pixels)
    {
        for (; !planes.IsEmpty; interleaved = interleaved[(3 * pixels)..])
        {
            foreach (var (channel, levels) in _normalized.Index())
            {
                for (var i = 0; i < pixels; i++)
                {
                    planes[i] = levels[interleaved[(3 * i) + channel]];
                }

                planes = planes[pixels..];
            }
        }
    }
}

using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>What the model reads: normalised pixels and the sequence of ids that they are set into.</summary>
internal sealed class ClipTensors(CaptionerConfig config, Device device)
{
    private static readonly Scalar Brightest = Scalars.Of(255);

    public Device Device { get; } = device;

    /// <summary>Frames of RGB bytes, one after another, to (frames, 3, H, W).</summary>
    public Tensor Pixels(byte[] frames)
    {
        var size = config.VisionConfig.ImageSize;
        using var scope = NewDisposeScope();
        using var bytes = frombuffer(frames, ScalarType.Byte);
        var images = bytes.to(Device).view(-1, size, size, 3).permute(0, 3, 1, 2).to(ScalarType.Float32) / Brightest;
        var mean = tensor(config.ImageMean.ToArray(), device: Device).view(1, 3, 1, 1);
        var deviation = tensor(config.ImageStd.ToArray(), device: Device).view(1, 3, 1, 1);
        return ((images - mean) / deviation).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>For each frame its marker and places for its visual tokens; then the token that begins the caption.</summary>
    public long[] Prompt(int frames)
    {
        var frame = Enumerable.Repeat((long)config.ImageTokenId, config.ConnectorConfig.NumQueryTokens).Prepend(config.FrameTokenId).ToArray();
        return [.. Enumerable.Repeat(frame, frames).SelectMany(ids => ids), config.BosTokenId];
    }
}

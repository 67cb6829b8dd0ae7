using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>What the captioner is shown of a camera's frames.</summary>
public static class ClipFrames
{
    /// <summary><paramref name="frame"/> reduced to <see cref="CaptioningOptions.FrameSize"/> pixels a side.</summary>
    public static RgbFrame ToInput(RgbFrame frame, CaptioningOptions options) => AreaScaler.Scale(frame, options.FrameSize, options.FrameSize);
}

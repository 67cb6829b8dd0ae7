namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A loaded model.</summary>
/// <param name="Name">Name and version.</param>
/// <param name="Parameters">Weights in it.</param>
/// <param name="FramesPerClip">Frames that it looks at.</param>
/// <param name="ImageSize">Pixels a side of those frames.</param>
/// <param name="Device">Where it runs.</param>
public sealed record CaptionerModelInfo(string Name, long Parameters, int FramesPerClip, int ImageSize, string Device);

using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Prompting;

/// <summary>A part of a message.</summary>
public abstract record ChatContent;

/// <summary>Words.</summary>
/// <param name="Text">The words. Names of special tokens in them are not read as such.</param>
public sealed record TextContent(string Text) : ChatContent;

/// <summary>A picture.</summary>
/// <param name="Image">The picture.</param>
public sealed record ImageContent(RgbFrame Image) : ChatContent;

/// <summary>Frames of a video, chosen already.</summary>
/// <param name="Frames">The frames, at least one.</param>
/// <param name="Seconds">Time of each from the start.</param>
/// <param name="Duration">Length of the video, in seconds.</param>
public sealed record VideoContent(IReadOnlyList<RgbFrame> Frames, IReadOnlyList<double> Seconds, double Duration) : ChatContent;

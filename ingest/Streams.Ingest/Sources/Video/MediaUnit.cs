namespace Streams.Ingest.Sources.Video;

/// <summary>One JPEG or one segment out of ffmpeg's output.</summary>
/// <param name="Bytes">The encoded frames.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Frames">How many frames.</param>
internal sealed record MediaUnit(byte[] Bytes, int Width, int Height, int Frames);

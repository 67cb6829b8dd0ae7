namespace Streams.Schemas.Frames;

/// <summary>A decoded video frame.</summary>
/// <param name="CaptureTime">When the camera took it.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">Height x Width x 3 bytes, red, green, blue, row by row without padding.</param>
public sealed record RgbFrame(DateTimeOffset CaptureTime, int Width, int Height, ReadOnlyMemory<byte> Pixels);

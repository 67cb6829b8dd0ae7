namespace Streams.Processors.Captioning.Grounding;

/// <summary>A point in a picture, as shares of its width and height, 0 to 1.</summary>
/// <param name="X">From the left.</param>
/// <param name="Y">From above.</param>
public readonly record struct ImagePoint(double X, double Y);

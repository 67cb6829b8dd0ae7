namespace Streams.Schemas.Processing.Time;

/// <summary>The result of one window.</summary>
/// <param name="Start">Event time in microseconds, included.</param>
/// <param name="End">Event time in microseconds, excluded.</param>
/// <param name="Value">What fell into it.</param>
/// <param name="Version">1 when it closed; each late record that it still took makes one more, which replaces those before.</param>
public sealed record ClosedWindow<T>(long Start, long End, T Value, int Version);

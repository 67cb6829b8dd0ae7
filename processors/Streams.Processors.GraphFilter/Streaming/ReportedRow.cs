namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>One row as a source sent it.</summary>
/// <param name="Source">Who sent it.</param>
/// <param name="Units">Unit of its values.</param>
/// <param name="Sensors">Its columns.</param>
/// <param name="Values">Its readings, NaN where missing.</param>
internal sealed record ReportedRow(string Source, string? Units, IReadOnlyList<string> Sensors, double[] Values);

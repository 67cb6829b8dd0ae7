namespace Streams.Schemas.Results;

/// <summary>Filled-in values for readings that were missing. Data of <see cref="Topics.SensorImputed"/>.</summary>
/// <param name="Network">The sensor network.</param>
/// <param name="Units">Unit of the values, as the producer named it.</param>
/// <param name="Values">One entry for each missing reading.</param>
/// <param name="Version">How many times these rows have been given out; null is the first time. A higher version replaces a lower one of the same row.</param>
/// <param name="Rows">With a version: the event times of the rows that it replaces. A row without an entry in <paramref name="Values"/> has no gap any more.</param>
public sealed record ImputedReadings(
    string Network,
    string? Units,
    IReadOnlyList<ImputedValue> Values,
    int? Version = null,
    IReadOnlyList<DateTimeOffset>? Rows = null);

/// <summary>One filled-in reading.</summary>
/// <param name="Time">Event time of the row.</param>
/// <param name="Sensor">Name of the sensor.</param>
/// <param name="Value">Conditional mean given the readings that were there.</param>
/// <param name="StandardDeviation">Of the reading about that mean, under the model.</param>
public sealed record ImputedValue(DateTimeOffset Time, string Sensor, double Value, double StandardDeviation);

namespace Streams.Schemas.Results;

/// <summary>Filled-in values for readings that were missing. Data of <see cref="Topics.SensorImputed"/>.</summary>
/// <param name="Network">The sensor network.</param>
/// <param name="Units">Unit of the values, as the producer named it.</param>
/// <param name="Values">One entry for each missing reading.</param>
public sealed record ImputedReadings(string Network, string? Units, IReadOnlyList<ImputedValue> Values);

/// <summary>One filled-in reading.</summary>
/// <param name="Time">Event time of the row.</param>
/// <param name="Sensor">Name of the sensor.</param>
/// <param name="Value">Conditional mean given the readings that were there.</param>
/// <param name="StandardDeviation">Of the reading about that mean, under the model.</param>
public sealed record ImputedValue(DateTimeOffset Time, string Sensor, double Value, double StandardDeviation);

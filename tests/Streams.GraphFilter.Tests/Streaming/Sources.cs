using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.GraphFilter.Tests.Streaming;

/// <summary>The rows of one network sent by several producers, each with sensors of its own.</summary>
internal static class Sources
{
    /// <summary>Learns as <see cref="Feed.Quick"/>; rows may be three days late.</summary>
    public static readonly GraphFilterOptions Dropping = Feed.Quick with { AllowedLateness = TimeSpan.FromDays(3), IdleAfter = TimeSpan.FromDays(8) };

    public static readonly GraphFilterOptions Correcting = Dropping with { LatePolicy = LatePolicy.Correct };

    /// <summary>One producer's record of one day, for the sensors from <paramref name="first"/> on.</summary>
    public static InputRecord Record(string source, int day, int first, params double[] values) =>
        new(0, 0, Feed.Day(day), EventTypes.SensorSignal, SignalCodec.Encode(
            new SignalBatch(Feed.Network, "degC", [.. Enumerable.Range(first, values.Length).Select(i => $"s{i}")], [Feed.Day(day)], values), SignalPrecision.Double), Source: source);

    /// <summary>Each day's row in two records of two producers, and two days far off at the end, which push everything out.</summary>
    public static List<InputRecord> Split(double[][] rows, int firstHalf) =>
    [
        .. rows.SelectMany((row, day) => (InputRecord[])[Record("a", day, 0, row[..firstHalf]), Record("b", day, firstHalf, row[firstHalf..])]),
    ];

    /// <summary>Records that push out all that waits, and are pushed out by none.</summary>
    public static List<InputRecord> End { get; } = [Record("a", 1_000, 0, 0), Record("b", 1_000, 1, 0)];

    /// <summary>A permutation in which nothing is later than <paramref name="days"/>.</summary>
    public static List<InputRecord> Disorder(IEnumerable<InputRecord> records, double days, Random random) =>
        [.. records.OrderBy(record => record.EventTime.AddDays(days * random.NextDouble())).Select((record, offset) => record with { Offset = offset })];

    /// <summary>The newest version of each row, in order: what a reader of the results is left with.</summary>
    public static List<(DateTimeOffset Time, ImputedValue[] Values)> Newest(this IEnumerable<ResultDraft> results)
    {
        var rows = new SortedDictionary<DateTimeOffset, (int Version, ImputedValue[] Values)>();
        foreach (var readings in results.Where(draft => draft.Topic == Topics.SensorImputed).Select(draft => ResultJson.Deserialize<ImputedReadings>(draft.Data)))
        {
            foreach (var time in readings.Rows ?? [.. readings.Values.Select(value => value.Time).Distinct()])
            {
                var version = readings.Version ?? 1;
                Assert.True(!rows.TryGetValue(time, out var known) || version > known.Version, $"version {version} of {time} after {known.Version}");
                rows[time] = (version, [.. readings.Values.Where(value => value.Time == time)]);
            }
        }

        return [.. rows.Where(row => row.Value.Values.Length > 0).Select(row => (row.Key, row.Value.Values))];
    }
}

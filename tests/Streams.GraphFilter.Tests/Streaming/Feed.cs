using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.GraphFilter.Tests.Streaming;

/// <summary>Records of a network and what a processor makes of them.</summary>
internal static class Feed
{
    public const string Network = "net";

    public static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Learns early and often, so that short streams exercise everything.</summary>
    public static readonly GraphFilterOptions Quick = new()
    {
        WindowRows = 40,
        MinRows = 10,
        LearnEveryRows = 4,
        UpdateEveryRows = 8,
        Iterations = 20,
        WarmIterations = 4,
        ChangeTolerance = 1,
    };

    public static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"s{i}")];

    public static DateTimeOffset Day(int day) => Start.AddDays(day);

    public static InputRecord Record(long offset, string[] sensors, int[] days, params double[] values) =>
        new(0, offset, Day(days[^1]), EventTypes.SensorSignal, SignalCodec.Encode(
            new SignalBatch(Network, "degC", sensors, [.. days.Select(Day)], values), SignalPrecision.Double));

    /// <summary>One record for every <paramref name="rowsEach"/> rows.</summary>
    public static List<InputRecord> Records(double[][] rows, string[] sensors, int rowsEach = 1)
    {
        var records = new List<InputRecord>();
        for (var row = 0; row < rows.Length; row += rowsEach)
        {
            var part = rows[row..Math.Min(rows.Length, row + rowsEach)];
            records.Add(Record(records.Count, sensors, [.. Enumerable.Range(row, part.Length)], [.. part.SelectMany(values => values)]));
        }

        return records;
    }

    public static IRecordProcessor Processor(GraphFilterOptions? options = null, byte[]? state = null) =>
        new GraphFilterProcessorFactory(options ?? Quick).Create(Network, state);

    public static ProcessorOutput Apply(this IRecordProcessor processor, params IReadOnlyList<InputRecord> records)
    {
        var applied = processor.ApplyAsync(records, CancellationToken.None);
        Assert.True(applied.IsCompletedSuccessfully);
        return applied.Result;
    }

    public static IReadOnlyList<ImputedValue> Filled(this ProcessorOutput output) =>
        [.. output.Results.Where(draft => draft.Topic == Schemas.Topics.SensorImputed)
            .SelectMany(draft => ResultJson.Deserialize<ImputedReadings>(draft.Data).Values)];

    public static IReadOnlyList<LearnedGraph> Graphs(this ProcessorOutput output) =>
        [.. output.Results.Where(draft => draft.Topic == Schemas.Topics.SensorGraphs).Select(draft => ResultJson.Deserialize<LearnedGraph>(draft.Data))];

    /// <summary>Rows of readings that follow a ring of sensors and drift, with a share of gaps.</summary>
    public static double[][] Drifting(int rows, int sensors, double gaps, int seed) => Drifting(rows, gaps, seed, _ => [.. Enumerable.Range(0, sensors)]);

    /// <summary>The same, with the order of the sensors on the ring by row.</summary>
    public static double[][] Drifting(int rows, double gaps, int seed, Func<int, int[]> order)
    {
        var sensors = order(0).Length;
        var random = new Random(seed);
        var values = new double[sensors];
        var result = new double[rows][];
        for (var row = 0; row < rows; row++)
        {
            var noise = Enumerable.Range(0, sensors).Select(_ => Synthetic.Normal(random)).ToArray();
            var shared = Synthetic.Normal(random);
            var ring = order(row);
            for (var place = 0; place < sensors; place++)
            {
                var i = ring[place];
                var around = noise[i] + noise[ring[(place + 1) % sensors]] + noise[ring[(place + sensors - 1) % sensors]];
                values[i] = (0.5 * values[i]) + around + shared;
            }

            result[row] = [.. values.Select((value, i) => random.NextDouble() < gaps ? double.NaN : 10 + (5 * i) + (0.1 * row) + value)];
        }

        return result;
    }
}

using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.Benchmarks.Graphs.RealData;

/// <summary>One mask: the product with its default options, and each baseline with the settings that suit the truth best.</summary>
/// <param name="Error">Root mean square error over that of the climatology, of the rows that the page's figures are of.</param>
/// <param name="WithWarming">The same of all rows.</param>
/// <param name="Covered">Share of the hidden readings inside the 90 % interval.</param>
/// <param name="Milliseconds">Processor time of a row, decoding, learning and results in it.</param>
/// <param name="Baselines">Errors in the order of <see cref="Names"/>.</param>
internal sealed record Contest(double Error, double WithWarming, double Covered, double Milliseconds, double[] Baselines)
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string[] Names { get; } = ["spatial mean", "last value", "kNN", "harmonic", "Ledoit-Wolf", "EW cov."];

    public static Contest Run(DataSet data, bool anomalies, double share, int mask, bool withBaselines)
    {
        var random = new Random(HashCode(mask, share));
        var rows = (anomalies ? data.Anomalies : data.Readings).Skip(anomalies ? data.From : 0).ToArray();
        var truths = data.Anomalies.Skip(anomalies ? data.From : 0).ToArray();
        var scales = anomalies ? [.. data.Scales.Select(_ => 1.0)] : data.Scales;
        var from = anomalies ? 0 : data.From;
        var shown = rows.Select(row => row.Select(value => random.NextDouble() < share ? double.NaN : value).ToArray()).ToArray();
        var before = Environment.CpuUsage.TotalTime;
        var filled = Fill(data, shown);
        var milliseconds = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / rows.Length;

        var entries = new List<(int Row, int Sensor)>();
        for (var row = from; row < rows.Length; row++)
        {
            entries.AddRange(Enumerable.Range(0, scales.Length)
                .Where(i => double.IsNaN(shown[row][i]) && double.IsFinite(rows[row][i]) && double.IsFinite(truths[row][i]) && filled.ContainsKey((row, i)))
                .Select(i => (row, i)));
        }

        double ErrorOf(IEnumerable<(int Row, int Sensor)> entries, Func<int, int, double> value)
        {
            var (squares, climatology) = (0.0, 0.0);
            foreach (var (row, sensor) in entries)
            {
                squares += Square((value(row, sensor) - rows[row][sensor]) / scales[sensor]);
                climatology += Square(truths[row][sensor]);
            }

            return Math.Sqrt(squares / climatology);
        }

        double Error(Func<int, int, double> value) => ErrorOf(entries.Where(entry => entry.Row >= from + data.Warming), value);

        var covered = entries.Average(entry =>
            Math.Abs(filled[entry].Value - rows[entry.Row][entry.Sensor]) <= 1.6449 * filled[entry].StandardDeviation ? 1.0 : 0);
        var baselines = (withBaselines ? Settings(scales.Length, anomalies) : []).Select(settings => settings.Min(make =>
        {
            var baseline = make();
            var values = shown.Select(baseline.Take).ToArray();
            return Error((row, i) => values[row][i]);
        })).ToArray();
        return new Contest(Error((row, i) => filled[(row, i)].Value), ErrorOf(entries, (row, i) => filled[(row, i)].Value), covered, milliseconds, baselines);
    }

    /// <summary>The same mask for every run of the program.</summary>
    private static int HashCode(int mask, double share) => 20_260 + (1_000 * mask) + (int)(100 * share);

    private static double Square(double x) => x * x;

    private static Dictionary<(int Row, int Sensor), ImputedValue> Fill(DataSet data, double[][] shown)
    {
        var processor = new GraphFilterProcessorFactory().Create(data.Name, null);
        var columns = data.Sensors.Select((sensor, i) => (sensor, i)).ToDictionary(pair => pair.sensor, pair => pair.i);
        var filled = new Dictionary<(int Row, int Sensor), ImputedValue>();
        for (var row = 0; row < shown.Length; row++)
        {
            var time = Start + (row * data.Step);
            var payload = SignalCodec.Encode(new SignalBatch(data.Name, null, data.Sensors, [time], shown[row]), SignalPrecision.Double);
            var output = processor.ApplyAsync([new InputRecord(0, row, time, EventTypes.SensorSignal, payload)], CancellationToken.None).AsTask().GetAwaiter().GetResult();
            foreach (var value in output.Results.Where(draft => draft.Topic == Topics.SensorImputed).SelectMany(draft => ResultJson.Deserialize<ImputedReadings>(draft.Data).Values))
            {
                filled[(row, columns[value.Sensor])] = value;
            }
        }

        return filled;
    }

    /// <summary>For each name the settings that are tried.</summary>
    private static IEnumerable<Func<Baseline>[]> Settings(int sensors, bool anomalies)
    {
        double[] rates = [0, 0.05];
        yield return
        [
            .. rates.SelectMany(rate => new[] { false, true }.Select(standardised => (Func<Baseline>)(() => new SpatialMean(sensors, rate, standardised, false)))),
            .. anomalies ? [() => new SpatialMean(sensors, 0, false, true)] : Array.Empty<Func<Baseline>>(),
        ];
        yield return [() => new LastValue(sensors)];
        yield return [.. rates.SelectMany(rate => new[] { 3, 6, 12 }.Select(near => (Func<Baseline>)(() => new NearestNeighbours(sensors, rate, near))))];
        yield return [.. rates.SelectMany(rate => new[] { 3, 6, 12 }.Select(near => (Func<Baseline>)(() => new Harmonic(sensors, rate, near))))];
        yield return [.. rates.Select(rate => (Func<Baseline>)(() => new CovarianceBaseline(sensors, rate, 0.9999, null, anomalies)))];
        yield return
        [
            .. rates.SelectMany(rate => new[] { 0.98, 0.995, 0.998 }.SelectMany(forgetting => new[] { 0.02, 0.1 }
                .Select(share => (Func<Baseline>)(() => new CovarianceBaseline(sensors, rate, forgetting, share, anomalies))))),
        ];
    }
}

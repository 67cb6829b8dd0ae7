using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Scale;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;

namespace Streams.Benchmarks.Modes;

/// <summary>
/// Labels a second of processor time on one core, and bytes a key: one key that stays open; then very many keys at once, of traffic alike or by Zipf's
/// law. Beside the project's prototype: 2 million a second, 18 to 22 bytes a key.
/// </summary>
/// <remarks>
/// Every label is drawn beforehand. Bytes are what the collector says is alive after the run, less what was before, over the keys seen; the keys' own
/// array (of estimators) or index (of the store) included. Saved: the state of a task in the pipeline, its definition and the memory of one sample
/// included, the mean over 2,000 keys; and the store's own form.
/// </remarks>
internal static class ScaleStudy
{
    private const int DefaultKeys = 1_000_000;
    private const int LabelsPerKey = 20;
    private const int OneKeyLabels = 10_000_000;
    private const int SavedKeys = 2_000;

    /// <summary>The fastest counts: the first may still run code that is not optimised.</summary>
    private const int Passes = 2;
    private const double Delta = 0.01;

    /// <summary>Keys that are decided after some tens of labels, most of them.</summary>
    private static readonly double[] LawOfKeys = [0.85, 0.08, 0.05, 0.02];

    private static readonly string[] Rules = [LabelRules.Ppr, LabelRules.OneSidedRank, LabelRules.LeaderBettingMix, LabelRules.LeaderBettingPooled];

    public static void Print(RunSettings settings)
    {
        var keys = settings.Runs ?? DefaultKeys;
        settings.Output.WriteLine($"One key, ten labels alike, delta 1e-9 (stays open): {OneKeyLabels:N0} labels; prototype 2.0 M/s");
        var rules = Rules.Where(settings.TakesRule).ToList();
        foreach (var rule in rules)
        {
            settings.Output.WriteLine($"{rule,-23}{OneKey(rule),8:F1} M/s");
        }

        settings.Output.WriteLine(
            $"{keys:N0} keys, {(long)keys * LabelsPerKey:N0} labels of [{string.Join(", ", LawOfKeys)}], delta {Delta}; prototype 2.0 M/s, 18-22 bytes");
        settings.Output.WriteLine($"{"traffic",-9}{"rule",-23}{"kept as",-11}{"M/s",7}{"bytes/key",11}{"saved/key",11}{"keys seen",12}{"decided",9}{"late",7}");
        foreach (var (name, exponent) in new[] { ("uniform", 0.0), ("zipf 1", 1.0) })
        {
            var traffic = Traffic.Draw(keys, exponent);
            foreach (var rule in rules)
            {
                Print(settings, name, rule, "estimators", Fastest(() => Estimators(traffic, rule)) with { SavedBytes = SavedTasks(traffic, rule) });
                if (rule != LabelRules.LeaderBettingMix)
                {
                    Print(settings, name, rule, "store", Fastest(() => Store(traffic, rule)));
                }
            }
        }
    }

    /// <summary>Million labels a second of one hot key.</summary>
    public static double HotKey() => OneKey(LabelRules.Default);

    /// <summary>Million labels a second over <paramref name="keys"/> keys of like traffic in a store, and bytes a key.</summary>
    public static (double MillionsPerSecond, double BytesPerKey) ManyKeys(int keys)
    {
        var measured = Fastest(() => Store(Traffic.Draw(keys, 0), LabelRules.Ppr));
        return (measured.MillionsPerSecond, measured.Bytes);
    }

    private static void Print(RunSettings settings, string traffic, string rule, string form, Measured measured)
    {
        settings.Output.WriteLine(
            $"{traffic,-9}{rule,-23}{form,-11}{measured.MillionsPerSecond,7:F1}{measured.Bytes,11:F0}{measured.SavedBytes,11:F0}{measured.Keys,12:N0}{measured.DecidedShare,9:P0}{measured.LateShare,7:P0}");
        settings.Output.Flush();
    }

    private static double OneKey(string rule)
    {
        const int Kinds = 10;
        var labels = new byte[OneKeyLabels];
        for (var (i, state) = (0, 1UL); i < labels.Length; i++)
        {
            labels[i] = (byte)(LabelSource.NextBits(ref state) % Kinds);
        }

        // Once for the compiler and the boundary table, once for the figure.
        Run();
        var clock = Environment.CpuUsage.TotalTime;
        Run();
        return MillionsPerSecond(labels.Length, Environment.CpuUsage.TotalTime - clock);

        void Run()
        {
            var estimator = new ModeEstimator(Kinds, 1e-9, rule);
            foreach (var label in labels)
            {
                estimator.Add(label);
            }
        }
    }

    private static Measured Fastest(Func<Measured> measure) => Enumerable.Range(0, Passes).Select(_ => measure()).MinBy(measured => measured.Time)!;

    private static Measured Estimators(Traffic traffic, string rule)
    {
        WarmUp(traffic, rule);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var estimators = new ModeEstimator?[traffic.KeyCount];
        var late = 0L;
        var clock = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < traffic.Keys.Length; i++)
        {
            var estimator = estimators[traffic.Keys[i]] ??= new ModeEstimator(LawOfKeys.Length, Delta, rule);
            if (estimator.IsSettled)
            {
                late++;
            }
            else
            {
                estimator.Add(traffic.Labels[i]);
            }
        }

        var time = Environment.CpuUsage.TotalTime - clock;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        var keys = estimators.Count(estimator => estimator is not null);
        return new Measured(traffic.Keys.Length, time, bytes, double.NaN, keys, estimators.Count(estimator => estimator is { Decided: true }), late);
    }

    private static Measured Store(Traffic traffic, string rule)
    {
        WarmUp(traffic, rule);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var store = new ModeEstimatorStore(LawOfKeys.Length, Delta, rule);
        var decided = 0;
        var clock = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < traffic.Keys.Length; i++)
        {
            decided += store.Add(traffic.HashOf(i), traffic.Labels[i]) ? 1 : 0;
        }

        var time = Environment.CpuUsage.TotalTime - clock;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        using var saved = new MemoryStream();
        using var writer = new BinaryWriter(saved);
        store.Save(writer);
        return new Measured(traffic.Keys.Length, time, bytes, saved.Length, store.Count, decided, store.Late);
    }

    /// <summary>Bytes that the pipeline would keep of a key, a passive task each: the mean over some of them.</summary>
    private static double SavedTasks(Traffic traffic, string rule)
    {
        var factory = new ModeEstimationProcessorFactory(new ModeEstimationOptions { RememberedSamples = 1 });
        var tasks = new Dictionary<int, IRecordProcessor>();
        var stride = Math.Max(1, traffic.KeyCount / SavedKeys);
        for (var i = 0; i < traffic.Keys.Length; i++)
        {
            var key = traffic.Keys[i];
            if (key % stride != 0)
            {
                continue;
            }

            var name = $"task-{key}";
            if (!tasks.TryGetValue(key, out var task))
            {
                tasks[key] = task = factory.Create(name, null);
                Apply(task, i, EventTypes.LabelTask, LabelCodec.Encode(new LabelTask(name, Delta, LawOfKeys.Length, Rule: rule)));
            }

            Apply(task, i, EventTypes.LabelSample, LabelCodec.Encode(new LabelSample(name, $"{i}", $"{traffic.Labels[i]}")));
        }

        return tasks.Values.Average(task => (double)task.SaveState().Length);
    }

    private static void Apply(IRecordProcessor task, long offset, string type, byte[] payload)
    {
        var applied = task.ApplyAsync([new InputRecord(0, offset, DateTimeOffset.UnixEpoch, type, payload)], CancellationToken.None);
        if (!applied.IsCompletedSuccessfully || applied.Result.Rejections.Count > 0)
        {
            throw new InvalidOperationException($"{type} at {offset} was refused");
        }
    }

    private static void WarmUp(Traffic traffic, string rule)
    {
        for (var pass = 0; pass < 3; pass++)
        {
            var store = rule == LabelRules.LeaderBettingMix ? null : new ModeEstimatorStore(LawOfKeys.Length, Delta, rule);
            var estimators = new Dictionary<int, ModeEstimator>();
            for (var i = 0; i < Math.Min(200_000, traffic.Keys.Length); i++)
            {
                store?.Add(traffic.HashOf(i), traffic.Labels[i]);
                var key = traffic.Keys[i] % 1_000;
                if (!estimators.TryGetValue(key, out var estimator) || estimator.IsSettled)
                {
                    estimators[key] = estimator = new ModeEstimator(LawOfKeys.Length, Delta, rule);
                }

                estimator.Add(traffic.Labels[i]);
            }
        }
    }

    private static double MillionsPerSecond(long labels, TimeSpan time) => labels / time.TotalSeconds / 1e6;

    /// <summary>Labels in the order of arrival.</summary>
    private sealed record Traffic(int KeyCount, int[] Keys, byte[] Labels)
    {
        public static Traffic Draw(int keys, double exponent)
        {
            var source = new LabelSource(Instance.Zipf(exponent, keys).Law);
            var law = new LabelSource(LawOfKeys);
            var (order, state) = (1UL, 2UL);
            var traffic = new Traffic(keys, new int[keys * LabelsPerKey], new byte[keys * LabelsPerKey]);
            for (var i = 0; i < traffic.Keys.Length; i++)
            {
                (traffic.Keys[i], traffic.Labels[i]) = (source.Next(ref order), (byte)law.Next(ref state));
            }

            return traffic;
        }

        /// <summary>The key of label <paramref name="i"/> as a program would have it, the hash of a name: no neighbour of its neighbours.</summary>
        public ulong HashOf(int i) => (ulong)Keys[i] * 0x9E3779B97F4A7C15;
    }

    private sealed record Measured(long Labels, TimeSpan Time, double AllBytes, double AllSaved, int Keys, int Decided, long Late)
    {
        public double MillionsPerSecond => ScaleStudy.MillionsPerSecond(Labels, Time);

        public double Bytes => AllBytes / Keys;

        public double SavedBytes { get; init; } = AllSaved / Keys;

        public double DecidedShare => Decided / (double)Keys;

        public double LateShare => Late / (double)Labels;
    }
}

using Streams.Processors.ModeEstimation;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests.Pairs;

/// <summary>Runs of tasks of query model pairs with everything in them that can go wrong: repeats, contradictions, answers to nothing, late ones.</summary>
internal static class PairPlay
{
    public static string[] Kinds { get; } = ["pairs", "pairs-ppr", "pairs-a2", "pairs-noisy", "pairs-census", "pairs-abstain", "pairs-deadline"];

    public static TaskHarness Of(string kind)
    {
        var random = new Random(8);
        var harness = new TaskHarness(kind);
        var pool = kind == "pairs-census" ? 30 : 1_000;
        var oracle = TruthOracle.Of(Enumerable.Range(0, pool).Select(_ => $"L{Laws.Draw(Laws.Named("T60"), random)}"));
        var asks = Define(harness, kind, pool);
        harness.Compare(
            oracle,
            asks,
            open =>
            {
                Disturb(harness, kind, pool, random);
                return random.Next(open.Count);
            },
            query => kind == "pairs-noisy" && random.Next(10) == 0);
        foreach (var query in harness.Comparisons.TakeLast(5).ToList())
        {
            harness.Send(oracle.Compare(query)!);
        }

        return harness;
    }

    private static IReadOnlyList<Schemas.Results.LabelQuery> Define(TaskHarness harness, string kind, int pool) => kind switch
    {
        "pairs-ppr" => harness.DefinePairs(0.01, 3, pool, rule: "ppr-1v1"),
        "pairs-a2" => harness.DefinePairs(0.3, 3, pool, rule: "a2"),
        "pairs-noisy" => harness.DefinePairs(0.1, 3, pool, inFlight: 20, maxQueries: 5_000, rule: "leader-betting", noise: 0.1),
        "pairs-census" => harness.DefinePairs(1e-12, 3, pool, rule: "leader-betting"),
        "pairs-abstain" => harness.DefinePairs(1e-9, 3, pool, maxQueries: 100, rule: "leader-betting"),
        "pairs-deadline" => harness.Define(
            new LabelTask(kind, 1e-9, 3, pool, QueryModel: QueryModels.Pairs, MaxQueries: 1_000, Deadline: TaskHarness.Start.AddSeconds(80), ReaskAfterSeconds: 9)),
        _ => harness.DefinePairs(0.01, 3, pool, rule: "leader-betting"),
    };

    private static void Disturb(TaskHarness harness, string kind, int pool, Random random)
    {
        var last = harness.Comparisons.Last();
        switch (random.Next(10))
        {
            case 0:
                harness.Send(new LabelPair(kind, last.Sample!.Value, pool, true, Query: last.Query));
                break;
            case 1:
                harness.Send(new LabelPair(kind, last.Sample!.Value, last.Other!.Value, true, Query: last.Query + 1000));
                break;
            case 2:
                harness.Send(new LabelPair(kind, random.Next(pool), random.Next(pool), true));
                break;
            case 3:
                var again = harness.Log[random.Next(harness.Log.Count)];
                harness.Send(again.EventType, again.Payload.ToArray());
                break;
            case 4 when harness.Log[^1].EventType == EventTypes.LabelPair:
                var answer = LabelCodec.DecodePair(harness.Log[^1].Payload, kind);
                harness.Send(answer with { Equal = !answer.Equal });
                break;
            default:
                break;
        }
    }
}

using Streams.Schemas.Labels;

namespace Streams.Host.Demo;

/// <summary>The demo's labelling tasks: pools whose most common label is known to us and asked of an oracle.</summary>
internal static class DemoTasks
{
    /// <summary>Largest accepted probability of error of the task over a camera's clips, of which there are few.</summary>
    public const double CaptionDelta = 0.05;

    private const double Delta = 0.01;

    public sealed record DemoTask(LabelTask Definition, IReadOnlyDictionary<int, string> Truths, string Mode);

    /// <summary>An easy, a middling and a long-tailed pool.</summary>
    public static IReadOnlyList<DemoTask> Create() =>
    [
        Pool("defects", 4_000, [("scratch", .60), ("dent", .25), ("stain", .15)]),
        Pool("species", 10_000, [("finch", .40), ("sparrow", .20), ("robin", .20), ("wren", .20)]),
        Pool("intents", 20_000, [("refund", .30), .. Enumerable.Range(1, 7).Select(i => ($"other-{i}", .10))]),
    ];

    private static DemoTask Pool(string name, int size, IReadOnlyList<(string Label, double Share)> shares)
    {
        // Shuffled, so that a sample's number says nothing about its label.
        var labels = shares.SelectMany(share => Enumerable.Repeat(share.Label, (int)Math.Round(share.Share * size))).Take(size).ToArray();
        new Random(size).Shuffle(labels);
        var truths = labels.Select((label, sample) => (label, sample)).ToDictionary(pair => pair.sample, pair => pair.label);
        return new DemoTask(new LabelTask(name, Delta, shares.Count, Pool: labels.Length), truths, shares.MaxBy(share => share.Share).Label);
    }
}

using System.CommandLine;
using Streams.Host.Cli;
using Streams.Schemas.Labels;

namespace Streams.Host.Commands;

/// <summary>Options of the commands that open a labelling task: what its definition says beyond name, labels and delta.</summary>
internal sealed class LabelTaskOptions
{
    private readonly Option<string?> _rule = new("--rule")
    {
        Description = $"When to stop: {string.Join(", ", LabelRules.All)} (default: {LabelRules.Default}); "
            + $"with pairs: {string.Join(", ", PairRules.All)} (default: {PairRules.LeaderBetting}).",
    };

    private readonly Option<double?> _tolerance = new("--tolerance")
    {
        Description = "A label whose share is at most so much below the mode's is as good, for instance 0.02: ties end too.",
    };

    private readonly Option<DateTimeOffset?> _deadline = new("--deadline") { Description = "When to abstain at the latest: a time (2026-01-31T12:00:00Z)." };

    private readonly Option<int?> _reaskAfter = new("--reask-after")
    {
        Description = "With a pool: ask again after so many seconds without an answer.",
        HelpName = "seconds",
    };

    public IReadOnlyList<Option> All => [_rule, _tolerance, _deadline, _reaskAfter];

    /// <summary><paramref name="definition"/> with what the command line says. Encoding the record checks it.</summary>
    public LabelTask On(ParseResult parsed, LabelTask definition) => definition with
    {
        Rule = parsed.GetValue(_rule),
        Tolerance = parsed.GetValue(_tolerance),
        Deadline = parsed.GetValue(_deadline),
        ReaskAfterSeconds = parsed.GetValue(_reaskAfter),
    };

    /// <exception cref="StreamsException">One of <paramref name="options"/> is given, which only counts where a task is opened.</exception>
    public static void RefuseUnlessOpening(ParseResult parsed, IEnumerable<Option> options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new StreamsException($"{given.Name} is given, but no task is opened", "give --delta too, or open the task with `streams publish task`");
        }
    }
}

using System.Globalization;
using System.Text;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.ModeEstimation.Tests;

/// <summary>
/// <c>Golden/</c> holds states as the version in their name wrote them half-way through a task (and after its end), the records that came then,
/// and the results that version made of them. They never change: every later version must go on from them to the same bytes.
/// (A state at 0 percent holds no task; the one that comes then is reported in the form of the day. And an equal definition that comes again asks
/// again since version 3, which is left out here.)
/// </summary>
public sealed class StateGoldenTests
{
    /// <summary>Kind of task, the share of its records that the state has seen, in percent, and the version that wrote it.</summary>
    public static TheoryData<string, int, int> States { get; } = new()
    {
        { "active", 0, 1 }, { "active", 50, 1 }, { "active", 100, 1 }, { "passive", 5, 1 }, { "implied", 5, 1 }, { "census", 50, 1 }, { "abstain", 50, 1 }, { "betting", 50, 1 },
        { "active", 50, 2 }, { "passive", 5, 2 }, { "abstain", 50, 2 }, { "tolerance", 50, 2 }, { "leader-betting", 50, 2 }, { "os-rank", 50, 2 }, { "ppr-1v1", 50, 2 },
        { "passive", 5, 3 }, { "active", 50, 3 }, { "active", 100, 3 }, { "deadline", 50, 3 }, { "drift", 35, 3 }, { "drift", 40, 3 }, { "weights", 10, 3 },
        { "pairs-deadline", 50, 3 }, { "pairs", 50, 3 },
        { "open-set", 50, 4 }, { "unbounded", 50, 4 }, { "leader-betting-pooled", 50, 4 },
        { "pairs", 50, 2 }, { "pairs-ppr", 50, 2 }, { "pairs-a2", 50, 2 }, { "pairs-noisy", 50, 2 }, { "pairs-census", 50, 2 }, { "pairs-abstain", 50, 2 }, { "pairs-abstain", 100, 2 },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void Create_StateOfAnyVersion_GoesOnAsItsWriterDid(string kind, int percent, int version)
    {
        var harness = new TaskHarness(kind, state: File.ReadAllBytes(PathOf($"{kind}-{percent}-v{version}.bin")));
        harness.Apply([.. File.ReadAllLines(PathOf($"{kind}-{percent}-v{version}-log.jsonl")).Select(Record)]);
        var again = File.ReadAllLines(PathOf($"{kind}-{percent}-v{version}-log.jsonl"))
            .Where(line => version < 3 && line.Contains(EventTypes.LabelTask, StringComparison.Ordinal)).Skip(percent == 0 ? 1 : 0)
            .Select(line => $"{line.Split(' ')[0]} {EventTypes.LabelQuery}").ToList();
        Assert.Equal(
            File.ReadAllLines(PathOf($"{kind}-{percent}-v{version}-next.jsonl")),
            Lines(harness).Where(line => !again.Exists(start => line.StartsWith(start, StringComparison.Ordinal))));
    }

    [Fact]
    public void Golden_EveryStateFile_IsListed() =>
        Assert.Equal(
            Directory.GetFiles(PathOf(""), "*.bin").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            States.Select(row => $"{row.Data.Item1}-{row.Data.Item2}-v{row.Data.Item3}.bin").Order(StringComparer.Ordinal));

    private static InputRecord Record(string line)
    {
        var parts = line.Split(' ', 3);
        return TaskHarness.Record(long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], Encoding.UTF8.GetBytes(parts[2]));
    }

    private static string[] Lines(TaskHarness harness) =>
    [
        .. harness.Rejections.Select(rejection => $"{rejection.Offset} {rejection.Reason}"),
        .. harness.Results.Select(draft => $"{draft.Offset} {draft.Type} {Encoding.UTF8.GetString(draft.Data)}"),
    ];

    private static string PathOf(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "tests", "Streams.ModeEstimation.Tests", "Golden", name);
    }
}

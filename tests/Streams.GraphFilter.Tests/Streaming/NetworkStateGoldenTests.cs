using System.Text.Json;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.GraphFilter.Tests.Streaming;

/// <summary>
/// <c>Golden/</c> holds states as the version in their name wrote them, and what that version then made of the records that followed. They never
/// change: every later version must go on from them. Of the version written today numbers are compared to a millionth, since processors differ in the last
/// digits of a matrix product; those before filled gaps by other means, so that the same gaps must be filled, near what their writer said.
/// </summary>
public sealed class NetworkStateGoldenTests
{
    private static readonly string[] Sensors = Feed.Names(5);

    /// <summary>The names, and what each state had seen.</summary>
    public static TheoryData<string> Files { get; } = ["network-new-v1", "network-before-graph-v1", "network-learned-v1", "network-waiting-v2", "network-correcting-v2", "network-learned-v3", "network-correcting-v3", "network-learned-v4", "network-correcting-v4", "network-learned-v5", "network-correcting-v5", "network-learned-v6", "network-correcting-v6"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Create_StateOfEveryVersion_GoesOnAsItsWriterDid(string name)
    {
        var processor = Feed.Processor(Options(name), File.ReadAllBytes(PathOf($"{name}.bin")));
        var expected = File.ReadAllLines(PathOf($"{name}-next.jsonl"));
        var output = processor.Apply([.. Records().Skip(60)]);
        if (name.EndsWith("v6", StringComparison.Ordinal))
        {
            AssertSame(expected, Lines(output));
            return;
        }

        ImputedValue[] wanted = [.. expected.Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("type", out var type) && type.GetString() == EventTypes.SensorImputed)
            .SelectMany(line => ResultJson.Deserialize<ImputedReadings>(System.Text.Encoding.UTF8.GetBytes(line.GetProperty("data").GetRawText())).Values)];
        Assert.Equal(wanted.Select(value => (value.Time, value.Sensor)).Distinct(), output.Filled().Select(value => (value.Time, value.Sensor)).Distinct());
        Assert.All(output.Filled().Where(value => value.Time > Feed.Day(61)), value => Assert.Contains(wanted, other =>
            (other.Time, other.Sensor) == (value.Time, value.Sensor) && Math.Abs(other.Value - value.Value) < 4 * other.StandardDeviation));
        Assert.Equal(expected.Count(line => line.Contains("Reason", StringComparison.Ordinal)), output.Rejections.Count);
        Assert.NotEmpty(output.Graphs());
    }

    /// <summary>Writes the files of the version of today where there are none yet: set STREAMS_WRITE_GOLDEN, run, look, commit.</summary>
    [Fact]
    public void Golden_FilesOfToday_AreThere()
    {
        foreach (var name in (string[])["network-learned-v6", "network-correcting-v6"])
        {
            if (Environment.GetEnvironmentVariable("STREAMS_WRITE_GOLDEN") is not null && !File.Exists(PathOf($"{name}.bin")))
            {
                var processor = Feed.Processor(Options(name));
                processor.Apply([.. Records().Take(60)]);
                File.WriteAllBytes(PathOf($"{name}.bin"), processor.SaveState());
                File.WriteAllLines(PathOf($"{name}-next.jsonl"), Lines(processor.Apply([.. Records().Skip(60)])));
            }

            Assert.True(File.Exists(PathOf($"{name}.bin")), $"{name}.bin is missing");
        }
    }

    [Fact]
    public void Golden_EveryStateFile_IsListed() =>
        Assert.Equal(
            Directory.GetFiles(PathOf(""), "*.bin").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            Files.Select(row => row.Data).Order(StringComparer.Ordinal));

    /// <summary>Sixty records make the states, thirty come after; two are late.</summary>
    private static List<InputRecord> Records()
    {
        var records = Feed.Records(Feed.Drifting(90, 5, 0.1, 1), Sensors);
        records.Insert(40, Feed.Record(200, Sensors, [3], 1, 2, 3, 4, 5));
        records.Insert(80, Feed.Record(201, Sensors, [7, 9], 1, 2, 3, 4, 5, 1, 2, 3, 4, 5));
        return records;
    }

    private static GraphFilterOptions Options(string name) => name switch
    {
        "network-waiting-v2" => Sources.Dropping,
        "network-correcting-v2" or "network-correcting-v3" or "network-correcting-v4" or "network-correcting-v5" or "network-correcting-v6" => Sources.Correcting,
        _ => Feed.Quick,
    };

    private static string[] Lines(ProcessorOutput output) =>
    [
        .. output.Rejections.Select(rejection => JsonSerializer.Serialize(new { rejection.Offset, rejection.Reason })),
        .. output.Results.Select(draft => $"{{\"offset\":{draft.Offset},\"type\":\"{draft.Type}\",\"data\":{System.Text.Encoding.UTF8.GetString(draft.Data)}}}"),
    ];

    private static void AssertSame(string[] expected, string[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (one, other) in expected.Zip(actual))
        {
            using var wanted = JsonDocument.Parse(one);
            using var given = JsonDocument.Parse(other);
            AssertSame(wanted.RootElement, given.RootElement);
        }
    }

    private static void AssertSame(JsonElement expected, JsonElement actual)
    {
        Assert.Equal(expected.ValueKind, actual.ValueKind);
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                Assert.Equal(expected.EnumerateObject().Select(property => property.Name), actual.EnumerateObject().Select(property => property.Name));
                Assert.All(expected.EnumerateObject(), property => AssertSame(property.Value, actual.GetProperty(property.Name)));
                break;
            case JsonValueKind.Array:
                Assert.Equal(expected.GetArrayLength(), actual.GetArrayLength());
                Assert.All(expected.EnumerateArray().Zip(actual.EnumerateArray()), pair => AssertSame(pair.First, pair.Second));
                break;
            case JsonValueKind.Number:
                Assert.Equal(expected.GetDouble(), actual.GetDouble(), 1e-6 * Math.Max(1, Math.Abs(expected.GetDouble())));
                break;
            default:
                Assert.Equal(expected.ToString(), actual.ToString());
                break;
        }
    }

    private static string PathOf(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "tests", "Streams.GraphFilter.Tests", "Golden", name);
    }
}

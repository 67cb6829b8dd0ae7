using System.Text;
using Streams.Schemas.Results;

namespace Streams.Schemas.Tests.Results;

/// <summary>
/// Files of <c>Golden/</c> hold what version 1 wrote. They never change: readers of every later version must still read them,
/// and as long as the version is 1 the same value is the same bytes.
/// </summary>
public sealed class ResultGoldenTests
{
    public static TheoryData<string, Type> Files { get; } = new()
    {
        { "result-caption-v1.json", typeof(Caption) },
        { "result-caption-plain-v1.json", typeof(Caption) },
        { "result-graph-v1.json", typeof(LearnedGraph) },
        { "result-imputed-v1.json", typeof(ImputedReadings) },
        { "result-imputed-no-units-v1.json", typeof(ImputedReadings) },
        { "result-imputed-corrected-v1.json", typeof(ImputedReadings) },
        { "result-query-ask-v1.json", typeof(LabelQuery) },
        { "result-query-stop-v1.json", typeof(LabelQuery) },
        { "result-query-compare-v1.json", typeof(LabelQuery) },
        { "result-mode-pairs-v1.json", typeof(LabelMode) },
        { "result-mode-decided-v1.json", typeof(LabelMode) },
        { "result-mode-abstain-v1.json", typeof(LabelMode) },
        { "result-mode-eps-v1.json", typeof(LabelMode) },
        { "result-mode-reopened-v1.json", typeof(LabelMode) },
        { "result-mode-epoch-v1.json", typeof(LabelMode) },
        { "result-mode-weights-v1.json", typeof(LabelMode) },
        { "result-record-v1.json", typeof(ResultRecord) },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Serialize_OfDeserialize_GivesTheSameBytes(string name, Type type)
    {
        var json = Read(name);
        var value = GetType().GetMethod(nameof(Rewrite), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, [json]);

        Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString((byte[])value!));
    }

    [Fact]
    public void Golden_EveryResultFile_IsListed() =>
        Assert.Equal(
            Directory.GetFiles(SourceTree.Path("tests", "Streams.Schemas.Tests", "Golden"), "result-*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Files.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void Deserialize_Caption_HasTheValuesOfTheFile()
    {
        var caption = ResultJson.Deserialize<Caption>(Read("result-caption-v1.json"));

        Assert.Equal("gate", caption.Camera);
        Assert.Equal("a red square moves left", caption.Text);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), caption.Start);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 3, 500, TimeSpan.Zero), caption.End);
        Assert.Equal(8, caption.Frames);
        Assert.Equal(0.875, caption.Confidence);
        Assert.Equal([0xff, 0xd8, 0xff, 0xd9], caption.Thumbnail);
    }

    [Fact]
    public void Deserialize_Graph_HasTheValuesOfTheFile()
    {
        var graph = ResultJson.Deserialize<LearnedGraph>(Read("result-graph-v1.json"));

        Assert.Equal(["north", "south", "Größe"], graph.Sensors);
        Assert.Equal([new GraphEdge(0, 1, 1), new GraphEdge(1, 2, 0.25)], graph.Edges);
        Assert.Equal([0, 0.5, 2.5], graph.Filter.Frequency);
        Assert.Equal([1.5, 0.75, 0.125], graph.Filter.Gain);
        Assert.Equal(0.0625, graph.Fit);
    }

    [Fact]
    public void Deserialize_ImputedReadings_HaveAVersionOnlyWhenTheyReplaceOthers()
    {
        var first = ResultJson.Deserialize<ImputedReadings>(Read("result-imputed-v1.json"));
        var corrected = ResultJson.Deserialize<ImputedReadings>(Read("result-imputed-corrected-v1.json"));

        Assert.Null(first.Version);
        Assert.Null(first.Rows);
        Assert.Equal(2, corrected.Version);
        Assert.Equal(2, corrected.Rows!.Count);
        Assert.Equal(corrected.Rows[0], Assert.Single(corrected.Values).Time);
    }

    [Fact]
    public void Deserialize_FieldOfALaterVersion_IsPassedOver()
    {
        var later = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Read("result-query-ask-v1.json")).Replace("{\"task\"", "{\"since\":2,\"task\"", StringComparison.Ordinal));

        Assert.Equal(ResultJson.Deserialize<LabelQuery>(Read("result-query-ask-v1.json")), ResultJson.Deserialize<LabelQuery>(later));
    }

    private static byte[] Rewrite<T>(byte[] json) => ResultJson.Serialize(ResultJson.Deserialize<T>(json));

    private static byte[] Read(string name) => File.ReadAllBytes(SourceTree.Path("tests", "Streams.Schemas.Tests", "Golden", name));
}

using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Streams.Schemas.Results;

namespace Streams.Schemas.Tests.Results;

public sealed class GraphsArrowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly LearnedGraph Roof = new(
        "roof", Noon.AddDays(-1), Noon, 24, ["a", "b", "c"], [new GraphEdge(0, 2, 0.75, 0.5), new GraphEdge(1, 2, 0.5)], 0.25,
        new FilterResponse([0, 1], [1, 0.5]), 0.1, ["the sign (LowPass) was declared"], "LowPass", 40, [new DriftAlarm(Noon, 3, "Reset")]);

    [Fact]
    public void Encode_Graphs_HasARowForEachEdgeAndTheRestAsMetadata()
    {
        using var reader = new ArrowStreamReader(GraphsArrow.Encode([Roof with { Network = "cellar", Edges = [] }, Roof]));
        using var batch = reader.ReadNextRecordBatch();
        Assert.Equal(["graph", "network", "end", "from", "to", "weight", "stability"], batch.Schema.FieldsList.Select(field => field.Name));
        Assert.Equal([1, 1], ((Int32Array)batch.Column(0)).Values.ToArray());
        Assert.Equal(["roof", "roof"], Texts(batch, 1));
        Assert.Equal(Noon, ((TimestampArray)batch.Column(2)).GetTimestamp(1));
        Assert.Equal(["a", "b"], Texts(batch, 3));
        Assert.Equal(["c", "c"], Texts(batch, 4));
        Assert.Equal([0.75, 0.5], ((DoubleArray)batch.Column(5)).Values.ToArray());
        Assert.Equal([0.5, null], Enumerable.Range(0, 2).Select(row => ((DoubleArray)batch.Column(6)).GetValue(row)));
        Assert.Equal("1", batch.Schema.Metadata["schema_version"]);

        var graphs = ResultJson.Deserialize<LearnedGraph[]>(Encoding.UTF8.GetBytes(batch.Schema.Metadata["graphs"]));
        Assert.Equal(["cellar", "roof"], graphs.Select(graph => graph.Network));
        Assert.Equal(Encoding.UTF8.GetString(ResultJson.Serialize(Roof with { Edges = [] })), Encoding.UTF8.GetString(ResultJson.Serialize(graphs[1])));
    }

    [Fact]
    public void Encode_Nothing_IsAStreamWithoutRows()
    {
        using var reader = new ArrowStreamReader(GraphsArrow.Encode([]));
        using var batch = reader.ReadNextRecordBatch();
        Assert.Equal(0, batch.Length);
        Assert.Equal("[]", batch.Schema.Metadata["graphs"]);
    }

    private static IEnumerable<string> Texts(RecordBatch batch, int column) => Enumerable.Range(0, batch.Length).Select(row => ((StringArray)batch.Column(column)).GetString(row));
}

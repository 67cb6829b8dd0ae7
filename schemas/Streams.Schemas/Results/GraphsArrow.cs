using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Streams.Schemas.Results;

/// <summary>
/// Learned graphs as one Arrow IPC stream, a table of edges: columns <c>graph</c> (int32), <c>network</c>, <c>end</c> (timestamp[us, UTC]), <c>from</c> and
/// <c>to</c> (names of sensors), <c>weight</c> and <c>stability</c> (float64, the latter nullable). Schema metadata: <c>schema_version</c>, and
/// <c>graphs</c>, a JSON array of all that is known of each graph but its edges, at the place that <c>graph</c> tells; a graph without edges is there too.
/// </summary>
public static class GraphsArrow
{
    /// <summary>Content type of the stream.</summary>
    public const string ContentType = ImputedArrow.ContentType;

    private static readonly Field[] Fields =
    [
        new("graph", Int32Type.Default, nullable: false),
        new("network", StringType.Default, nullable: false),
        new("end", new TimestampType(TimeUnit.Microsecond, "UTC"), nullable: false),
        new("from", StringType.Default, nullable: false),
        new("to", StringType.Default, nullable: false),
        new("weight", DoubleType.Default, nullable: false),
        new("stability", DoubleType.Default, nullable: true),
    ];

    /// <summary>Writes the edges of all <paramref name="graphs"/>, in their order.</summary>
    public static byte[] Encode(IEnumerable<LearnedGraph> graphs)
    {
        LearnedGraph[] all = [.. graphs];
        var rows = all.SelectMany((graph, place) => graph.Edges.Select(edge => (Place: place, Graph: graph, Edge: edge))).ToArray();
        StringArray Text(Func<(int Place, LearnedGraph Graph, GraphEdge Edge), string> of) => new StringArray.Builder().AppendRange(rows.Select(of)).Build();

        var stability = new DoubleArray.Builder();
        foreach (var row in rows)
        {
            _ = row.Edge.Stability is { } share ? stability.Append(share) : stability.AppendNull();
        }

        var ends = rows.Select(row => EventTime.ToMicroseconds(row.Graph.End)).ToArray();
        IArrowArray[] columns =
        [
            new Int32Array.Builder().AppendRange(rows.Select(row => row.Place)).Build(),
            Text(row => row.Graph.Network),
            new TimestampArray((TimestampType)Fields[2].DataType, new ArrowBuffer(MemoryMarshal.AsBytes<long>(ends).ToArray()), ArrowBuffer.Empty, ends.Length, nullCount: 0, offset: 0),
            Text(row => row.Graph.Sensors[row.Edge.From]),
            Text(row => row.Graph.Sensors[row.Edge.To]),
            new DoubleArray.Builder().AppendRange(rows.Select(row => row.Edge.Weight)).Build(),
            stability.Build(),
        ];
        var layout = new Schema(Fields, new Dictionary<string, string>
        {
            ["schema_version"] = 1.ToString(CultureInfo.InvariantCulture),
            ["graphs"] = Encoding.UTF8.GetString(ResultJson.Serialize(all.Select(graph => graph with { Edges = [] }).ToArray())),
        });
        using var bytes = new MemoryStream();
        using (var batch = new RecordBatch(layout, columns, rows.Length))
        using (var writer = new ArrowStreamWriter(bytes, layout, leaveOpen: true))
        {
            writer.WriteRecordBatch(batch);
            writer.WriteEnd();
        }

        return bytes.ToArray();
    }
}

using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Xml.Linq;
using Streams.EndToEnd.Support;
using Streams.Host.Graphs;
using Streams.Schemas.Results;

namespace Streams.EndToEnd;

/// <summary><c>streams graphs</c>: what was learned, in a terminal and as pictures.</summary>
[Collection(SharedHostCollection.Name)]
public sealed class GraphsCommandTests(SharedHost shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Show_NetworkThatWasLearned_DrawsItAndWritesPictures()
    {
        var host = shared.Host;
        // No other test publishes signals to it.
        Assert.Contains("No graph learned yet", await OutputAsync("list", "--dashboard-url", host.Url), StringComparison.Ordinal);

        var source = Path.Combine(host.DataDirectory, "pairs.csv");
        await File.WriteAllLinesAsync(source, Pairs(), TestContext.Current.CancellationToken);
        var (published, _, error) = await HostProcess.RunAsync("publish", "signals", "--network", "pairs", "--source", source, "--kafka", host.Kafka);
        Assert.True(published == 0, error);
        await Eventually.TrueAsync(async () => (await OutputAsync("list", "--dashboard-url", host.Url)).Contains("pairs", StringComparison.Ordinal), Patience, () => host.Output);

        var (png, svg) = (Path.Combine(host.DataDirectory, "pairs.png"), Path.Combine(host.DataDirectory, "pairs.svg"));
        var text = await OutputAsync("show", "--network", "pairs", "--png", png, "--svg", svg, "--dashboard-url", host.Url);

        Assert.All(["pairs", "6 sensors", "Filter response", "sensor-0", "sensor-5", "●"], part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync(png, TestContext.Current.CancellationToken))[..4]);
        XNamespace ns = "http://www.w3.org/2000/svg";
        var picture = XDocument.Load(svg);
        // Six vertices and the six points of the response, each drawn twice: filled and outlined.
        Assert.Equal(6 + 6, picture.Descendants(ns + "ellipse").Select(shape => (shape.Attribute("cx")!.Value, shape.Attribute("cy")!.Value)).Distinct().Count());

        var json = await OutputAsync("show", "--network", "pairs", "--json", "--dashboard-url", host.Url);
        var graph = JsonDocument.Parse(json).RootElement.GetProperty("data").Deserialize<LearnedGraph>(ResultJson.Options)!;
        Assert.All([(0, 1), (2, 3), (4, 5)], pair => Assert.Contains(graph.Edges, edge => (edge.From, edge.To) == pair));
        var asOf = await OutputAsync("show", "--network", "pairs", "--at", graph.End.AddDays(1).ToString("O"), "--json", "--dashboard-url", host.Url);
        Assert.Equal(json, asOf);

        await FailsAsync("had no graph at 2001-01-01T00:00:00Z", "show", "--network", "pairs", "--at", "2001-01-01T00:00:00Z", "--dashboard-url", host.Url);
        await FailsAsync("key 'pears' has no results", "show", "--network", "pears", "--dashboard-url", host.Url);
        await FailsAsync("--png /nowhere/pairs.png cannot be written", "show", "--network", "pairs", "--png", "/nowhere/pairs.png", "--dashboard-url", host.Url);
        await FailsAsync("No pipeline answers", "list", "--dashboard-url", "http://127.0.0.1:1");
    }

    [Fact]
    public void Place_TwoPairs_LieApart()
    {
        var places = GraphLayout.Place(Graph(["a", "b", "c", "d"], new GraphEdge(0, 1, 1), new GraphEdge(2, 3, 1)));

        Assert.All(places, place => Assert.True(place is { X: >= 0 and <= 1, Y: >= 0 and <= 1 }));
        Assert.True(Vector2.Distance(places[0], places[1]) < 0.7 * Vector2.Distance(places[0], places[2]));
        Assert.True(Vector2.Distance(places[2], places[3]) < 0.7 * Vector2.Distance(places[1], places[3]));
    }

    [Fact]
    public void Place_OneSensorAndNone_IsInTheMiddleAndEmpty()
    {
        Assert.Equal([new Vector2(0.5f, 0.5f)], GraphLayout.Place(Graph(["a"])));
        Assert.Empty(GraphLayout.Place(Graph([])));
    }

    [Fact]
    public void Lines_DotsAndText_TextIsOnTopAndNotCovered()
    {
        var canvas = new BrailleCanvas(4, 2);
        canvas.Line(0, 0, 0, 7);
        canvas.Line(7, 3, 7, 3);

        Assert.True(canvas.Text(1, 1, "ab"));
        canvas.Line(0, 7, 7, 7);

        Assert.False(canvas.Text(2, 1, "c"));
        Assert.False(canvas.Text(3, 0, "too long"));
        Assert.Equal(["⡇  ⢀", "⣇ab⣀"], canvas.Lines());
    }

    // Three pairs of sensors, each pair with a signal of its own.
    private static IEnumerable<string> Pairs()
    {
        var random = new Random(7);
        yield return "time," + string.Join(',', Enumerable.Range(0, 6).Select(i => $"sensor-{i}"));
        for (var row = 0; row < 120; row++)
        {
            var signals = Enumerable.Range(0, 3).Select(_ => (random.NextDouble() * 2) - 1).ToArray();
            var values = Enumerable.Range(0, 6).Select(i => (20 + signals[i / 2] + (0.3 * random.NextDouble())).ToString("0.000", CultureInfo.InvariantCulture));
            yield return $"{new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(row):O},{string.Join(',', values)}";
        }
    }

    private static LearnedGraph Graph(string[] sensors, params GraphEdge[] edges) =>
        new("n", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 10, sensors, edges, 0.5, new FilterResponse([0], [1]), 0, []);

    private static async Task<string> OutputAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync(["graphs", .. arguments]);
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static async Task FailsAsync(string what, params string[] arguments)
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(["graphs", .. arguments]);
        Assert.Equal(1, exitCode);
        Assert.Contains(what, Assert.Single(error.Trim().Split('\n'), line => line.StartsWith("streams: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}

using System.Globalization;
using Spectre.Console;
using Streams.Schemas.Results;

namespace Streams.Host.Graphs;

/// <summary>A learned graph for a terminal: the graph, the filter's response, the strongest edges and what a reader should know.</summary>
internal static class GraphText
{
    private const int GraphRows = 24;
    private const int ResponseRows = 8;
    private const int ResponseColumns = 56;
    private const int MaxColumns = 110;
    private const int LongestName = 18;
    private const int TableRows = 12;

    /// <summary>Lines beyond make one blot: the strongest so many a vertex are drawn.</summary>
    private const int DrawnPerSensor = 2;

    private const string Vertex = "●";

    public static void Write(IAnsiConsole console, LearnedGraph graph)
    {
        console.MarkupLineInterpolated(
            $"[bold]{graph.Network}[/]: {graph.Sensors.Count:n0} sensors, {graph.Edges.Count:n0} edges above {Number(graph.Threshold)}");
        console.MarkupLineInterpolated(
            $"From {graph.Samples:n0} rows, {Time(graph.Start)} to {Time(graph.End)}{Memory(graph)}; relative error of the fit {Number(graph.Fit)}");
        var drawn = graph.Edges.Take(Math.Max(1, DrawnPerSensor * graph.Sensors.Count)).ToArray();
        foreach (var line in Drawing(graph, drawn, Math.Clamp(console.Profile.Width - 1, 20, MaxColumns)))
        {
            console.WriteLine(line);
        }

        if (drawn.Length < graph.Edges.Count)
        {
            console.MarkupLineInterpolated($"[grey]The strongest {drawn.Length:n0} of {graph.Edges.Count:n0} edges are drawn.[/]");
        }

        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]Filter response[/]{Sign(graph)}: gain over graph frequency λ / mean λ");
        foreach (var line in Response(graph.Filter))
        {
            console.WriteLine(line);
        }

        console.Write(Edges(graph));
        foreach (var note in graph.Notes)
        {
            console.MarkupLineInterpolated($"Note: {note}");
        }
    }

    private static IEnumerable<string> Drawing(LearnedGraph graph, IReadOnlyList<GraphEdge> drawn, int columns)
    {
        var canvas = new BrailleCanvas(columns, GraphRows);
        var places = GraphLayout.Place(graph);
        var dots = places.Select(place => (X: (int)(place.X * (canvas.Width - 1)), Y: (int)(place.Y * (canvas.Height - 1)))).ToArray();
        foreach (var edge in drawn)
        {
            canvas.Line(dots[edge.From].X, dots[edge.From].Y, dots[edge.To].X, dots[edge.To].Y);
        }

        var cells = dots.Select(dot => (Column: dot.X / BrailleCanvas.DotsAcross, Row: dot.Y / BrailleCanvas.DotsDown)).ToArray();
        foreach (var (column, row) in cells)
        {
            canvas.Text(column, row, Vertex);
        }

        // The best connected are named first; a name that would cover another one or leave the picture is left out.
        var degrees = GraphDegrees.Of(graph);
        foreach (var i in Enumerable.Range(0, graph.Sensors.Count).OrderByDescending(i => degrees[i]))
        {
            var name = graph.Sensors[i].Length > LongestName ? graph.Sensors[i][..(LongestName - 1)] + "…" : graph.Sensors[i];
            if (!canvas.Text(cells[i].Column + 2, cells[i].Row, name))
            {
                canvas.Text(cells[i].Column - 1 - name.Length, cells[i].Row, name);
            }
        }

        return canvas.Lines();
    }

    private static IEnumerable<string> Response(FilterResponse filter)
    {
        if (filter.Frequency.Count == 0)
        {
            yield break;
        }

        var canvas = new BrailleCanvas(ResponseColumns, ResponseRows);
        var furthest = Math.Max(1e-9, filter.Frequency[^1]);
        var (low, high) = (Math.Min(0, filter.Gain.Min()), Math.Max(1e-9, filter.Gain.Max()));
        var dots = filter.Frequency.Zip(filter.Gain, (frequency, gain) => (
            X: (int)Math.Round(Math.Max(0, frequency) / furthest * (canvas.Width - 1)),
            Y: (int)Math.Round((high - gain) / (high - low) * (canvas.Height - 1)))).ToArray();
        for (var i = 0; i < dots.Length; i++)
        {
            var before = dots[Math.Max(0, i - 1)];
            canvas.Line(before.X, before.Y, dots[i].X, dots[i].Y);
        }

        var row = 0;
        foreach (var line in canvas.Lines())
        {
            var label = row == 0 ? Number(high) : row == ResponseRows - 1 ? Number(low) : "";
            yield return $"{label,9} |{line}".TrimEnd();
            row++;
        }

        yield return $"{"",9} +{new string('-', ResponseColumns)}";
        yield return $"{"",10} 0{Number(furthest),ResponseColumns - 1}";
    }

    private static Table Edges(LearnedGraph graph)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("strongest edges").AddColumn("")
            .AddColumn(new TableColumn("weight").RightAligned()).AddColumn(new TableColumn("stability").RightAligned());
        foreach (var edge in graph.Edges.Take(TableRows))
        {
            table.AddRow(
                Markup.Escape(graph.Sensors[edge.From]), Markup.Escape(graph.Sensors[edge.To]), Number(edge.Weight),
                edge.Stability is { } share ? share.ToString("0 %", CultureInfo.InvariantCulture) : "");
        }

        return table;
    }

    private static string Memory(LearnedGraph graph) =>
        graph.EffectiveMemory is { } rows ? string.Create(CultureInfo.InvariantCulture, $", remembering about {rows:n0}") : "";

    private static string Sign(LearnedGraph graph) => graph.Sign switch { "LowPass" => " (low-pass)", "HighPass" => " (high-pass)", _ => "" };

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

using ScottPlot;
using ScottPlot.MultiplotLayouts;
using SkiaSharp;
using Streams.Schemas.Results;

namespace Streams.Host.Graphs;

/// <summary>A learned graph and its filter's response as a picture, side by side: the edges thicker the stronger, as on the dashboard.</summary>
internal static class GraphPlot
{
    private const int Width = 1400;
    private const int Height = 640;

    /// <summary>More names than this hide the edges: the best connected are named.</summary>
    private const int MostNames = 40;

    /// <summary>First of those that is installed; other fonts will do.</summary>
    private static readonly string[] PreferredFonts = ["DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial"];

    /// <summary>Without any font a picture has no names and numbers.</summary>
    public static bool HasFonts => SKFontManager.Default.FontFamilyCount > 0;

    /// <summary>Writes a PNG of 1400 x 640 pixels.</summary>
    public static void SavePng(LearnedGraph graph, string file)
    {
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height));
        Draw(graph, surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        File.WriteAllBytes(file, data.ToArray());
    }

    /// <summary>Writes an SVG of the same picture, with its text as text.</summary>
    public static void SaveSvg(LearnedGraph graph, string file)
    {
        using var stream = File.Create(file);
        using var canvas = SKSvgCanvas.Create(SKRect.Create(Width, Height), stream);
        Draw(graph, canvas);
    }

    private static void Draw(LearnedGraph graph, SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        var (network, response) = (Network(graph), Response(graph));
        var plots = new Multiplot { Layout = new Grid(1, 2) };
        foreach (var plot in new[] { network, response })
        {
            if (PreferredFonts.FirstOrDefault(SKFontManager.Default.FontFamilies.Contains) is { } font)
            {
                plot.Font.Set(font);
            }

            plots.AddPlot(plot);
        }

        plots.Render(canvas, new PixelRect(0, Width, Height, 0));
    }

    private static Plot Network(LearnedGraph graph)
    {
        var plot = new Plot();
        var places = GraphLayout.Place(graph);
        // The weakest first, so that the strongest lie on top.
        foreach (var edge in graph.Edges.Reverse())
        {
            var (from, to) = (places[edge.From], places[edge.To]);
            var line = plot.Add.Line(from.X, -from.Y, to.X, -to.Y);
            line.LineWidth = (float)(0.5 + (3 * edge.Weight));
            line.LineColor = Colors.SteelBlue.WithAlpha(0.25 + (0.6 * edge.Weight));
        }

        var degrees = GraphDegrees.Of(graph);
        var most = Math.Max(1e-9, degrees.DefaultIfEmpty().Max());
        foreach (var i in Enumerable.Range(0, places.Length).OrderBy(i => degrees[i]))
        {
            plot.Add.Marker(places[i].X, -places[i].Y, size: (float)(5 + (7 * degrees[i] / most)), color: Colors.Navy);
        }

        foreach (var i in Enumerable.Range(0, places.Length).OrderByDescending(i => degrees[i]).Take(MostNames))
        {
            var name = plot.Add.Text(graph.Sensors[i], places[i].X, -places[i].Y);
            (name.LabelFontSize, name.OffsetX, name.OffsetY) = (11, 7, -7);
        }

        plot.Title($"{graph.Network}: {graph.Sensors.Count} sensors, {graph.Edges.Count} edges");
        plot.HideGrid();
        plot.Layout.Frameless();
        plot.Axes.Title.IsVisible = true;
        plot.Axes.SetLimits(-0.05, 1.15, -1.05, 0.05);
        return plot;
    }

    private static Plot Response(LearnedGraph graph)
    {
        var plot = new Plot();
        var line = plot.Add.Scatter(graph.Filter.Frequency.ToArray(), graph.Filter.Gain.ToArray(), Colors.SteelBlue);
        (line.LineWidth, line.MarkerSize) = (2, graph.Filter.Frequency.Count > 30 ? 0 : 5);
        plot.Title("Filter response");
        plot.XLabel("graph frequency λ / mean λ");
        plot.YLabel("gain");
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(Math.Min(0, graph.Filter.Gain.DefaultIfEmpty().Min()), Math.Max(1e-9, graph.Filter.Gain.DefaultIfEmpty().Max()) * 1.06);
        return plot;
    }
}

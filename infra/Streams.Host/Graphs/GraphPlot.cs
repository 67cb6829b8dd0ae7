using System.Numerics;
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

    /// <summary>Size of a name's letter and line, in units of the plot.</summary>
    private const double Letter = 0.014;
    private const double Line = 0.028;

    /// <summary>First of those that is installed; other fonts will do.</summary>
    private static readonly string[] PreferredFonts = ["DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial"];

    private static readonly string? Font = PreferredFonts.FirstOrDefault(SKFontManager.Default.FontFamilies.Contains);

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
            if (Font is not null)
            {
                plot.Font.Set(Font);
            }

            plots.AddPlot(plot);
        }

        // A new one comes with an empty plot.
        plots.RemovePlot(plots.GetPlot(0));
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

        AddNames(plot, graph, places, degrees);
        plot.Title($"{graph.Network}: {graph.Sensors.Count} sensors, {graph.Edges.Count} edges");
        plot.HideGrid();
        plot.Layout.Frameless();
        plot.Axes.Title.IsVisible = true;
        plot.Axes.SetLimits(-0.05, 1.15, -1.05, 0.05);
        return plot;
    }

    /// <summary>The best connected first, and none that would cover another.</summary>
    private static void AddNames(Plot plot, LearnedGraph graph, Vector2[] places, double[] degrees)
    {
        var taken = new List<CoordinateRect>();
        foreach (var i in Enumerable.Range(0, places.Length).OrderByDescending(i => degrees[i]))
        {
            var (x, y) = (places[i].X, -places[i].Y);
            var box = new CoordinateRect(x, x + (Letter * graph.Sensors[i].Length), y, y + Line);
            if (taken.Any(other => other.Left < box.Right && box.Left < other.Right && other.Bottom < box.Top && box.Bottom < other.Top))
            {
                continue;
            }

            taken.Add(box);
            var name = plot.Add.Text(graph.Sensors[i], x, y);
            (name.LabelFontSize, name.OffsetX, name.OffsetY) = (11, 7, -7);
            name.LabelFontName = Font ?? name.LabelFontName;
        }
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

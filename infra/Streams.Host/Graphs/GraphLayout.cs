using System.Numerics;
using Streams.Schemas.Results;

namespace Streams.Host.Graphs;

/// <summary>
/// Where the vertices of a learned graph are drawn: all push each other off, edges pull by their weight, a weak pull to the middle holds the
/// parts together. The same as the dashboard's <c>layout.js</c>, from the same start, so that both show one picture.
/// </summary>
internal static class GraphLayout
{
    private const int Rounds = 300;
    private const double GoldenAngle = 2.399963;
    private const double PullToMiddle = 0.35;

    /// <summary>Positions in [0, 1] x [0, 1], in the order of the sensors.</summary>
    public static Vector2[] Place(LearnedGraph graph)
    {
        var n = graph.Sensors.Count;
        var ideal = 1 / Math.Sqrt(Math.Max(1, n));
        var (x, y) = (new double[n], new double[n]);
        for (var i = 0; i < n; i++)
        {
            var (sin, cos) = Math.SinCos(GoldenAngle * i);
            var radius = 0.5 * Math.Sqrt((i + 0.5) / n);
            (x[i], y[i]) = (radius * cos, radius * sin);
        }

        var (forceX, forceY) = (new double[n], new double[n]);
        for (var round = 0; round < Rounds; round++)
        {
            Push(x, y, forceX, forceY, ideal * ideal);
            Pull(graph.Edges, x, y, forceX, forceY, ideal);
            var heat = (0.1 * (1 - ((double)round / Rounds))) + 0.001;
            for (var i = 0; i < n; i++)
            {
                var length = double.Hypot(forceX[i], forceY[i]);
                var step = length > 0 ? Math.Min(length, heat) / length : 0;
                x[i] += forceX[i] * step;
                y[i] += forceY[i] * step;
            }
        }

        var (across, down) = (Scaled(x), Scaled(y));
        return [.. across.Zip(down, (a, d) => new Vector2(a, d))];
    }

    private static void Push(double[] x, double[] y, double[] forceX, double[] forceY, double strength)
    {
        Array.Clear(forceX);
        Array.Clear(forceY);
        for (var i = 0; i < x.Length; i++)
        {
            for (var j = i + 1; j < x.Length; j++)
            {
                var (dx, dy) = (x[i] - x[j], y[i] - y[j]);
                var push = strength / Math.Max((dx * dx) + (dy * dy), 1e-6);
                forceX[i] += dx * push;
                forceY[i] += dy * push;
                forceX[j] -= dx * push;
                forceY[j] -= dy * push;
            }

            forceX[i] -= x[i] * PullToMiddle;
            forceY[i] -= y[i] * PullToMiddle;
        }
    }

    private static void Pull(IReadOnlyList<GraphEdge> edges, double[] x, double[] y, double[] forceX, double[] forceY, double ideal)
    {
        foreach (var edge in edges)
        {
            var (dx, dy) = (x[edge.From] - x[edge.To], y[edge.From] - y[edge.To]);
            var pull = edge.Weight * double.Hypot(dx, dy) / ideal;
            forceX[edge.From] -= dx * pull;
            forceY[edge.From] -= dy * pull;
            forceX[edge.To] += dx * pull;
            forceY[edge.To] += dy * pull;
        }
    }

    private static IEnumerable<float> Scaled(double[] values)
    {
        var (low, high) = values.Length == 0 ? (0, 0) : (values.Min(), values.Max());
        return values.Select(value => high - low < 1e-9 ? 0.5f : (float)((value - low) / (high - low)));
    }
}

using Spectre.Console;
using Streams.Processors.Captioning.Training;

namespace Streams.Host.Graphs;

/// <summary>The losses of a training's stages in the terminal, each from its highest to its lowest, on a logarithmic scale.</summary>
internal static class LossCurve
{
    private const int Columns = 60;
    private const int Rows = 6;

    public static void Print(IReadOnlyList<TrainingProgress> reports)
    {
        foreach (var stage in reports.GroupBy(report => report.Stage).Where(stage => stage.Count() > 1))
        {
            var losses = stage.Select(report => report.Loss).ToList();
            AnsiConsole.WriteLine($"{stage.Key}: loss {losses[0]:0.000} at step {stage.First().Step:N0}, {losses[^1]:0.000} at step {stage.Last().Step:N0}");
            foreach (var line in Draw(losses))
            {
                AnsiConsole.WriteLine($"  {line}");
            }
        }
    }

    internal static IEnumerable<string> Draw(IReadOnlyList<double> losses)
    {
        var canvas = new BrailleCanvas(Columns, Rows);
        var logs = losses.Select(loss => Math.Log(Math.Max(loss, 1e-6))).ToList();
        var (lowest, range) = (logs.Min(), Math.Max(logs.Max() - logs.Min(), 1e-6));
        (int X, int Y) Dot(int i) => ((int)((long)i * (canvas.Width - 1) / (logs.Count - 1)), (int)Math.Round((1 - ((logs[i] - lowest) / range)) * (canvas.Height - 1)));
        for (var i = 1; i < logs.Count; i++)
        {
            var (from, to) = (Dot(i - 1), Dot(i));
            canvas.Line(from.X, from.Y, to.X, to.Y);
        }

        return canvas.Lines();
    }
}

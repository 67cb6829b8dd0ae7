using System.Diagnostics;
using Streams.Benchmarks.Pipeline.Sections;

namespace Streams.Benchmarks.Pipeline;

/// <summary><c>all [--short]</c>: every target of the performance issue.</summary>
internal static class AllCommand
{
    /// <returns>The exit code: 0; 1 when a target is missed; 2 when the command was not understood.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments.Any(argument => argument != "--short"))
        {
            output.WriteLine("all [--short]");
            return 2;
        }

        var board = new Scoreboard(output);
        var settings = new PipelineSettings(arguments.Count > 0, board);
        var began = Stopwatch.GetTimestamp();
        await PipelineCommand.RunAsync(settings, _ => true);
        await AlgorithmRows.RunAsync(settings);
        board.Print();
        output.WriteLine($"{board.Missed} targets missed, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s.");
        return board.Missed == 0 ? 0 : 1;
    }
}

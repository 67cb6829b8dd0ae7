using System.Diagnostics;
using System.Text.RegularExpressions;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd;

/// <summary>The operator's day of infra/examples/backfill, as an operator runs it.</summary>
public sealed partial class BackfillExampleTests
{
    [Fact]
    public async Task Example_RunToItsEnd_PromotesTheMendedValuesAndRollsBack()
    {
        var start = new ProcessStartInfo(Repository.PathOf("infra", "examples", "backfill", "run")) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["STREAMS_PROGRAM"] = HostProcess.Program;
        foreach (var (name, value) in HostProcess.CheapStart)
        {
            start.Environment[name] = value;
        }

        // Its own broker and Redis, whatever the tests around it use.
        start.Environment.Remove("STREAMS_KAFKA");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(limit.Token);
        var text = await output;
        Assert.True(process.ExitCode == 0, $"{text}\n{await error}");

        var served = Served().Matches(text).Select(match => (Run: match.Groups[1].Value, Value: match.Groups[2].Value)).ToList();
        Assert.Equal(["live", "mended", "live"], served.Select(each => each.Run));
        Assert.NotEqual(served[0].Value, served[1].Value);
        Assert.Equal(served[0].Value, served[2].Value);
        Assert.Contains("Run mended and live are different.", text, StringComparison.Ordinal);
    }

    [GeneratedRegex("\"id\":\"(live|mended)/sensor.signals/0/27/0\"\\s+(\\{.*\\})")]
    private static partial Regex Served();
}

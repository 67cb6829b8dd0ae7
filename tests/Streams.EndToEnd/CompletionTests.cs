using System.Diagnostics;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd;

/// <summary>The Tab key, in a real bash.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("streams ru", 1, "runs")]
    [InlineData("streams runs pro", 2, "promote")]
    [InlineData("streams replay --cap", 2, "--captioner-share")]
    [InlineData("streams watch mo", 2, "modes")]
    public async Task Bash_AtTheTabKey_OffersWhatFits(string line, int word, string offered)
    {
        var script = (await HostProcess.RunAsync("completion", "bash")).Output;
        var folder = Directory.CreateTempSubdirectory("streams-completion-").FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "streams"), HostProcess.Program);
        var start = new ProcessStartInfo("bash",
            ["-c",
            $"{script}\nCOMP_LINE='{line}'; COMP_POINT={line.Length}; COMP_WORDS=({line}); COMP_CWORD={word}; _streams; printf '%s\\n' \"${{COMPREPLY[@]}}\""])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        using var bash = Process.Start(start)!;
        var reply = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Directory.Delete(folder, recursive: true);
        Assert.Contains(offered, reply.Split('\n'));
    }
}

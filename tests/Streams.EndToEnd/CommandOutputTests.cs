using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Streams.EndToEnd.Support;
using Streams.Host.Cli;
using Streams.Schemas;
using Streams.TestKit.Kafka;

namespace Streams.EndToEnd;

/// <summary>What programs get of the commands: JSON alone on standard output, and an exit code that tells Ctrl-C from the rest.</summary>
public sealed class CommandOutputTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Commands_Each_HaveJson_ButThoseThatRunOrPrintText()
    {
        var without = Leaves(StreamsCommandLine.Root(), "").Where(leaf => leaf.Command.Options.All(option => option.Name != "--json")).Select(leaf => leaf.Path);
        Assert.Equal(["broker", "completion", "config events", "config reference", "config schema", "up"], without.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Commands_Each_SayWhatTheyDo() =>
        Assert.All(Leaves(StreamsCommandLine.Root(), ""), leaf =>
        {
            Assert.True(leaf.Command.Description is { Length: > 15 }, leaf.Path);
            Assert.All(leaf.Command.Options, option => Assert.True(option.Description is { Length: > 5 }, $"{leaf.Path} {option.Name}"));
        });

    [Fact]
    public async Task Commands_WithJson_HaveNothingButJsonOnStandardOutput_AndSayByTheirCodeWhetherTheyWereCutShort()
    {
        await using var broker = await TestBroker.StartInProcessAsync();
        var (made, _, problem) = await HostProcess.RunAsync("topics", "create", "--json", "--kafka", broker.BootstrapServers);
        Assert.True(made == 0, problem);
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        try
        {
            await File.WriteAllTextAsync(file, "sample,label\n" + string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{i},cat\n")), TestContext.Current.CancellationToken);
            var (exitCode, output, error) = await HostProcess.RunAsync("publish", "samples", "--task", "t", "--source", file, "--json", "--kafka", broker.BootstrapServers);
            Assert.True(exitCode == 0, error);
            Assert.Equal(2_000, JsonElement.Parse(output).GetProperty("records").GetInt32());
            Assert.Equal(2_000, KafkaTopic.ReadAll(broker.BootstrapServers, Topics.LabelSamples).Count);

            // What goes on until it is stopped ends with 0, what is cut short with 130; both say how far they came. SIGTERM, since a shell's background
            // processes are started deaf to SIGINT: both take the same way.
            foreach (var (once, expected) in ((string[], int)[])[([], 0), (["--once"], 130)])
            {
                using var process = Process.Start(new ProcessStartInfo(
                    HostProcess.Program, ["oracle", "--task", "t", "--truths", file, "--json", "--kafka", broker.BootstrapServers, .. once])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
                // It is for people, so it comes on standard error.
                var first = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
                Assert.Contains("Ctrl-C stops", first, StringComparison.Ordinal);
                await Signals.TerminateAsync(process.Id);
                var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                await process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
                Assert.True(process.ExitCode == expected, $"{process.ExitCode}: {said}");
                Assert.Equal(0, JsonElement.Parse(said).GetProperty("answered").GetInt32());
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [(path.Trim(), command)]
        : [.. command.Action is null || command is RootCommand ? [] : new[] { (path.Trim(), command) }, .. command.Subcommands.SelectMany(inner => Leaves(inner, $"{path} {inner.Name}"))];
}

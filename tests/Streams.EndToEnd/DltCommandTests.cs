using Streams.EndToEnd.Support;
using Streams.TestKit.Kafka;

namespace Streams.EndToEnd;

/// <summary><c>streams dlt</c> without a pipeline: what it says when it cannot work, and when there is nothing.</summary>
public sealed class DltCommandTests
{
    [Theory]
    [InlineData("No broker answers", "list", "--kafka", "127.0.0.1:1")]
    [InlineData("--topic 'video.captions' is not a source", "list", "--topic", "video.captions")]
    [InlineData("--topic", "show")]
    [InlineData("--topic", "redrive")]
    [InlineData("--topic", "purge", "--yes")]
    [InlineData("--from 'yesterday' is not a time", "list", "--from", "yesterday")]
    [InlineData("--limit 0", "list", "--limit", "0")]
    [InlineData("lost", "list", "--status", "lost")]
    [InlineData("--status", "redrive", "--topic", "label.samples", "--status", "purged")]
    public async Task Dlt_ThatCannotWork_SaysWhyInOneLine(string what, params string[] arguments)
    {
        var (exitCode, _, error) = await HostProcess.RunAsync(["dlt", .. arguments]);

        Assert.Equal(1, exitCode);
        Assert.Contains(what, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dlt_OnEmptyTopics_FindsNothing()
    {
        await using var broker = await TestBroker.StartAsync();
        // On a broker of ours the topics are new; on the one that STREAMS_KAFKA names a run of its own has none.
        var kafka = broker.BootstrapServers;
        var created = await HostProcess.RunAsync("topics", "create", "--kafka", kafka);
        Assert.True(created.ExitCode == 0, created.Error);
        var missing = await HostProcess.RunAsync("dlt", "list", "--run", "no-such-run", "--kafka", kafka);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("run.no-such-run.label.samples.dlt", missing.Error, StringComparison.Ordinal);
        Assert.SkipUnless(broker.IsInProcess, "the topics of the broker that STREAMS_KAFKA names need not be empty");

        var list = await HostProcess.RunAsync("dlt", "list", "--kafka", kafka);
        Assert.True(list.ExitCode == 0, list.Error);
        Assert.Contains("0 pending, 0 redriven, 0 purged", list.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await HostProcess.RunAsync("dlt", "redrive", "--topic", "label.samples", "--kafka", kafka)).ExitCode);
        var show = await HostProcess.RunAsync("dlt", "show", "--topic", "label.samples", "--kafka", kafka);
        Assert.Equal(1, show.ExitCode);
        Assert.Contains("no letter of label.samples.dlt", show.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redrive_OfAReplay_IsRefusedWithTheWayOut()
    {
        await using var broker = await TestBroker.StartAsync();
        await broker.CreateTopicAsync($"run.{Run}.label.samples.dlt");

        var (exitCode, _, error) = await HostProcess.RunAsync("dlt", "redrive", "--topic", "label.samples", "--run", Run, "--kafka", broker.BootstrapServers);

        Assert.Equal(1, exitCode);
        Assert.Contains("streams replay --topic label.samples", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("show")]
    [InlineData("redrive")]
    [InlineData("purge")]
    public async Task Help_OfEach_HasAnExample(string command)
    {
        var (exitCode, output, _) = await HostProcess.RunAsync("dlt", command, "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains($"  streams dlt {command} --", output, StringComparison.Ordinal);
    }

    private static string Run { get; } = $"check-{Guid.NewGuid():N}"[..30];
}

using Microsoft.Playwright;
using Streams.EndToEnd.Support;
using Streams.Ingest.Decoding;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas;

namespace Streams.EndToEnd;

/// <summary>Cameras and sensors through a whole host, and a look at what people see.</summary>
public sealed class DemoTests
{
    private const string Chromium = "/usr/bin/chromium";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly string Readings = Repository.PathOf("infra", "Streams.Host", "Demo", "Data", "uscrn_daily_tmean_2020.csv");

    [Fact]
    public async Task Demo_Once_AccountsForEveryRecord()
    {
        var ports = HostProcess.FreePorts(5);
        var (exitCode, output, error) = await HostProcess.RunAsync(
            "demo", "--once", "--clips", "4",
            "--kafka-port", $"{ports[0]}", "--redis-port", $"{ports[1]}", "--dashboard-url", $"http://127.0.0.1:{ports[2]}",
            "--set", $"Streams:Orleans:SiloPort={ports[3]}", "--set", $"Streams:Orleans:GatewayPort={ports[4]}");

        Assert.True(exitCode == 0, output + error);
        Assert.Contains("20 from 3 cameras", output, StringComparison.Ordinal);
        Assert.Matches("circle, known at delta 0.05 after [0-9]+ of 12 clips captioned", output);
        Assert.DoesNotContain("not accounted for", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sensors_HostKilledInTheMiddle_GivesTheIdsAndValuesOfOneUndisturbedRun()
    {
        await using var host = await new HostProcess().StartAsync();
        var publish = HostProcess.RunAsync("publish", "signals", "--network", "uscrn", "--source", Readings, "--units", "degC", "--rows", "6", "--kafka", host.Kafka);
        Assert.Equal(0, (await publish).ExitCode);
        await Eventually.TrueAsync(
            () => Task.FromResult(KafkaTopic.ReadAll(host.Kafka, Topics.SensorImputed).Count > 3), Patience, () => host.Output);
        await host.KillAsync();
        await host.StartAsync();

        var expected = await SequentialRun.OfAsync(host.Kafka, new SensorSignalDecoder(), new GraphFilterProcessorFactory(), Topics.SensorImputed);
        await Eventually.TrueAsync(
            () => Task.FromResult(KafkaTopic.ReadResults(host.Kafka, Topics.SensorImputed).Count >= expected.Count), Patience, () => host.Output);
        Assert.Equal(expected, KafkaTopic.ReadResults(host.Kafka, Topics.SensorImputed));
    }

    [Fact]
    public async Task Dashboard_InChromium_ShowsCaptionsGraphsFilledReadingsAndModes()
    {
        Assert.SkipUnless(File.Exists(Chromium), "chromium is not installed (apt-get install chromium)");
        var film = Repository.PathOf("..", "shared", "data", "video", "bottle-detection.mp4");
        Assert.SkipUnless(File.Exists(film), $"the test film {film} is not here");
        await using var host = await new HostProcess().StartAsync();
        var truths = Path.Combine(host.DataDirectory, "truths.csv");
        await File.WriteAllLinesAsync(
            truths, ["sample,label", .. Enumerable.Range(0, 500).Select(i => $"{i},{(i % 10 < 6 ? "bottle" : "can")}")], TestContext.Current.CancellationToken);
        foreach (var command in (string[][])
        [
            ["publish", "video", "--camera", "gate", "--source", film, "--fps", "2", "--json"],
            ["publish", "signals", "--network", "uscrn", "--source", Readings, "--units", "degC", "--rows", "6", "--json"],
            ["oracle", "--task", "contents", "--truths", truths, "--delta", "0.01", "--once"],
        ])
        {
            var (exitCode, _, error) = await HostProcess.RunAsync([.. command, "--kafka", host.Kafka]);
            Assert.True(exitCode == 0, error);
        }

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 1400 } });
        var errors = new List<string>();
        page.PageError += (_, message) => errors.Add(message);
        await page.GotoAsync(host.Url);
        await page.GetByText("gate").First.WaitForAsync(new() { Timeout = 60_000 });
        await page.Locator("img").First.WaitForAsync(new() { Timeout = 60_000 });
        foreach (var section in (string[])["#graphs", "#sensors", "#modes"])
        {
            await page.Locator(section).GetByText(section == "#modes" ? "contents" : "uscrn").First.WaitForAsync(new() { Timeout = 60_000 });
        }

        Directory.CreateDirectory(Repository.PathOf("tests", "output"));
        await page.ScreenshotAsync(new() { Path = Repository.PathOf("tests", "output", "dashboard.png"), FullPage = true });
        Assert.Empty(errors);
    }
}

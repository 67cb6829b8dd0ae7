using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd.Browser;

/// <summary>A sensor network that changes while it is watched.</summary>
public sealed class DriftTests(DemoFixture demo) : PageTest(demo)
{
    private const string Network = "rewired";
    private const int Sensors = 8;

    // The test for drift compares itself with its past: it needs some 760 rows before anything is an alarm.
    private const int Before = 900;
    private const int After = 150;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task Network_WhoseSensorsGetOtherNeighbours_IsMarkedWhereThatWasFound()
    {
        Assert.SkipWhen(Demo.Missing is not null, Demo.Missing ?? "");
        var readings = Path.Combine(Demo.Host.DataDirectory, "rewired.csv");
        await File.WriteAllTextAsync(readings, Readings(), TestContext.Current.CancellationToken);
        var (exitCode, _, error) = await HostProcess.RunAsync(
            "publish", "signals", "--network", Network, "--source", readings, "--units", "degC", "--rows", "25", "--kafka", Demo.Host.Kafka);
        Assert.True(exitCode == 0, error);

        await using var page = await Demo.OpenAsync();
        await page.GoAsync($"networks/{Network}");
        var drift = page.Page.Locator("section[aria-labelledby=drift-title] li");
        await drift.First.WaitForAsync();
        // Not before it came, and said with what was done about it.
        var found = DateTime.Parse(
            (await drift.First.Locator("time").GetAttributeAsync("datetime"))!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        Assert.InRange(found, Start.AddHours(Before), Start.AddHours(Before + After));
        await Expect(drift.First).ToContainTextAsync("answered by FasterForgetting");
        // The mark stands among the readings.
        await Expect(page.Page.Locator(".sensor svg.plot .mark-line.drift")).ToHaveCountAsync(await drift.CountAsync());
        await Expect(page.Page.Locator(".sensor svg.plot")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("[1-9][0-9]* drift marks?$"));
        Assert.Empty(await page.SeriousFindingsAsync());
        await page.ScreenshotAsync("network-drift");
    }

    /// <summary>Sensors on a ring, each with its two neighbours' noise in it; in the end on another ring, and louder.</summary>
    private static string Readings()
    {
        var random = new Random(1);
        int[][] rings = [[0, 1, 2, 3, 4, 5, 6, 7], [0, 3, 6, 1, 4, 7, 2, 5]];
        var csv = new StringBuilder("time," + string.Join(',', Enumerable.Range(0, Sensors).Select(sensor => $"s{sensor}")) + "\n");
        var noise = new double[Sensors];
        var values = new double[Sensors];
        for (var row = 0; row < Before + After; row++)
        {
            var ring = rings[row < Before ? 0 : 1];
            for (var i = 0; i < Sensors; i++)
            {
                noise[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()) * (row < Before ? 1 : 2);
            }

            for (var place = 0; place < Sensors; place++)
            {
                values[ring[place]] = 10 + noise[ring[place]] + (0.8 * (noise[ring[(place + 1) % Sensors]] + noise[ring[(place + Sensors - 1) % Sensors]]));
            }

            csv.Append(Start.AddHours(row).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            foreach (var value in values)
            {
                csv.Append(',').Append(value.ToString("0.###", CultureInfo.InvariantCulture));
            }

            csv.Append('\n');
        }

        return csv.ToString();
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}

using Microsoft.Playwright;

namespace Streams.EndToEnd.Browser;

/// <summary>Every page with the demo's data: what it shows, that it fits a phone, and what axe-core says of it.</summary>
public sealed class PagesTests(DemoFixture demo) : PageTest(demo)
{
    /// <summary>Each page, and what is there when its data is.</summary>
    private static readonly (string Path, string Shown)[] Pages =
    [
        ("", "#graphs svg.network"),
        ("cameras", "article.camera img"),
        ("cameras/yard", ".player .history li"),
        ("networks", "svg.network"),
        ("networks/uscrn", ".sensor svg.plot"),
        ("tasks", "article.task .badge.decided"),
        ("tasks/defects", "section svg.plot .level-text"),
        ("runs", "form.replay"),
        ("dead-letters", "tbody tr"),
    ];

    [Fact]
    public async Task Overview_ShowsTopicsSilosDevicesAndWhatIsFoundOut()
    {
        await using var page = await Demo.OpenAsync(height: 1400);
        await page.GoAsync();
        await page.Page.Locator("#graphs svg.network").First.WaitForAsync();
        await Expect(page.Page.Locator("#totals article")).ToHaveCountAsync(3);
        // One damaged record a topic at least; other tests send some too.
        await Expect(page.Page.Locator("#totals dl .bad dd")).ToHaveCountAsync(3);
        await Expect(page.Main.GetByText("Silos (1)")).ToBeVisibleAsync();
        await Expect(page.Main.GetByText("Devices (1)")).ToBeVisibleAsync();
        await Expect(page.Main.Locator(".rate").First).ToContainTextAsync("a second");
        await Expect(page.Page.Locator("#captions article img")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Camera_ScrubbedBack_ShowsTheCaptionOfThen()
    {
        await using var page = await Demo.OpenAsync();
        await page.GoAsync("cameras");
        await Expect(page.Main.GetByText("captions right in every word")).ToBeVisibleAsync();
        await page.ScreenshotAsync("cameras");
        await page.Main.GetByRole(AriaRole.Link, new() { Name = "yard" }).ClickAsync();
        var captions = page.Page.Locator(".player .history li");
        await captions.First.WaitForAsync();
        await Expect(captions).ToHaveCountAsync(18);

        var slider = page.Page.GetByLabel("Back in time");
        await slider.FocusAsync();
        await slider.PressAsync("Home");
        var oldest = (await captions.Last.Locator(".said").InnerTextAsync()).Trim();
        await Expect(page.Page.Locator(".player .text")).ToHaveTextAsync(oldest);
        Assert.StartsWith("data:image/jpeg;base64,", await page.Page.Locator(".frame.large img").GetAttributeAsync("src"), StringComparison.Ordinal);
        await page.ScreenshotAsync("camera");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Caption after" }).ClickAsync();
        await Expect(slider).ToHaveValueAsync("1");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Newest" }).ClickAsync();
        await Expect(slider).ToHaveValueAsync("17");
    }

    [Fact]
    public async Task Network_ShowsGraphFilterAndReadingsOfASensorWithWhatWasFilledIn()
    {
        await using var page = await Demo.OpenAsync();
        await page.GoAsync("networks/uscrn");
        var plot = page.Page.Locator(".sensor svg.plot");
        await plot.WaitForAsync();
        await Expect(page.Page.Locator("#sensor option")).ToHaveCountAsync(155);
        await Expect(plot.Locator("path.line.readings").First).ToBeAttachedAsync();
        await Expect(plot.Locator("circle.dot.filled-in").First).ToBeAttachedAsync();
        await Expect(page.Page.Locator(".side svg.chart path.line")).ToBeAttachedAsync();
        await Expect(page.Page.Locator("svg.network .vertex")).ToHaveCountAsync(155);
        await Expect(page.Page.Locator(".edges tbody tr")).ToHaveCountAsync(15);
        await page.ScreenshotAsync("network");

        var before = await plot.GetAttributeAsync("aria-label");
        var other = await page.Page.Locator("#sensor option").Nth(100).GetAttributeAsync("value");
        await page.Page.Locator("#sensor").SelectOptionAsync(other!);
        await Expect(plot).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex($"^Sensor {System.Text.RegularExpressions.Regex.Escape(other!)}: [1-9]"));
        Assert.NotEqual(before, await plot.GetAttributeAsync("aria-label"));
    }

    [Fact]
    public async Task Task_ShowsCountsByLabelAndEvidenceAgainstItsThreshold()
    {
        await using var page = await Demo.OpenAsync();
        await page.GoAsync("tasks");
        // One after the other, as they are read.
        await page.Page.Locator("article.task").Nth(3).WaitForAsync();
        await page.ScreenshotAsync("tasks");
        await page.Main.GetByRole(AriaRole.Link, new() { Name = "defects" }).ClickAsync();
        await page.Page.Locator("svg.plot .level-text").WaitForAsync();
        await Expect(page.Page.Locator("svg.plot path.line.evidence")).ToBeAttachedAsync();
        await page.Page.Locator("section[aria-labelledby=counts-title] .bar").Nth(1).WaitForAsync();
        // It has ended, so there is nothing to stop.
        Assert.Equal(0, await page.Page.GetByRole(AriaRole.Button, new() { Name = "Stop asking now" }).CountAsync());
        await page.ScreenshotAsync("task");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task EveryPage_HasNoSeriousAccessibilityFindings(ColorScheme scheme)
    {
        await using var page = await Demo.OpenAsync(scheme: scheme);
        var findings = new List<string>();
        foreach (var (path, shown) in Pages)
        {
            await page.GoAsync(path);
            await page.Page.Locator(shown).First.WaitForAsync();
            findings.AddRange((await page.SeriousFindingsAsync()).Select(finding => $"#/{path} {finding}"));
            if (scheme == ColorScheme.Dark)
            {
                await page.ScreenshotAsync($"{(path.Length == 0 ? "overview" : path.Replace('/', '-'))}-dark");
            }
        }

        Assert.True(findings.Count == 0, string.Join("\n\n", findings));
    }

    [Fact]
    public async Task EveryPage_FitsAPhone()
    {
        await using var page = await Demo.OpenAsync(width: 375, height: 740);
        foreach (var (path, shown) in Pages)
        {
            await page.GoAsync(path);
            await page.Page.Locator(shown).First.WaitForAsync();
            await page.AssertFitsAsync();
            await page.ScreenshotAsync($"{(path.Length == 0 ? "overview" : path.Replace('/', '-'))}-phone");
        }
    }

    [Fact]
    public async Task EmptyAndWrongAddresses_SayWhatToDo()
    {
        await using var page = await Demo.OpenAsync();
        foreach (var (path, words) in new[]
        {
            ("nowhere", "Go to the overview"),
            ("cameras/none", "there are"),
            ("networks/none", "streams publish signals"),
            ("tasks/none", "streams publish task"),
            ("cameras/%E0%A4%A", ""),
        })
        {
            await page.GoAsync(path);
            await Expect(page.Main).ToContainTextAsync(words);
        }
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}

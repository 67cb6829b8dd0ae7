using Microsoft.Playwright;
using Streams.EndToEnd.Browser;
using Streams.EndToEnd.Support;

[assembly: AssemblyFixture(typeof(DemoFixture))]

namespace Streams.EndToEnd.Browser;

/// <summary>
/// One demo, and one Chromium that looks at it, for all tests of the page, from the first of them on: what they change they change apart from each other.
/// </summary>
public sealed class DemoFixture : IAsyncDisposable
{
    public const string Chromium = "/usr/bin/chromium";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Lazy<Task> _started;
    private HostProcess? _host;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public DemoFixture() => _started = new Lazy<Task>(BeginAsync);

    /// <summary>Why the tests cannot run here; null when they can.</summary>
    public string? Missing { get; } = File.Exists(Chromium) ? null : "chromium is not installed (apt-get install chromium)";

    public HostProcess Host => _host!;

    /// <summary>Returns when everything of the demo is on the page. The first call starts it.</summary>
    public Task StartAsync() => Missing is null ? _started.Value : Task.CompletedTask;

    /// <summary>A page of its own, that fails the test at its end when a script failed in it.</summary>
    public Task<BrowserPage> OpenAsync(string? url = null, int width = 1280, int height = 1000, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return BrowserPage.OpenAsync(_browser!, url ?? Host.Url, width, height, scheme);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_host is not null)
        {
            // A demo takes its folder away when it ends in order.
            await _host.TerminateAsync(TimeSpan.FromSeconds(30));
            await _host.DisposeAsync();
        }
    }

    private async Task BeginAsync()
    {
        _host = new HostProcess("--clips", "6") { Command = "demo" };
        _host.Launch();
        await _host.ReadyAsync();
        // The cores are a whole pipeline's, and other tests'.
        Assertions.SetDefaultExpectTimeout(60_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await LaunchAsync(_playwright);
        await Eventually.TrueAsync(
            () =>
            {
                Assert.False(Host.HasExited, Host.Output);
                return Task.FromResult(Host.Output.Contains("The dashboard stays up", StringComparison.Ordinal));
            },
            Patience,
            () => Host.Output);
        // Before any test has done something: the README's picture.
        await using var page = await OpenAsync();
        await page.GoAsync();
        await page.Page.Locator("#graphs svg.network").WaitForAsync();
        await page.Page.Locator("#captions img").First.WaitForAsync();
        await page.ScreenshotAsync("overview");
    }

    private static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new()
    {
        ExecutablePath = Chromium,
        Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
    });
}

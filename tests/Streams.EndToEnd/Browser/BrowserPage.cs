using System.Text.Json;
using Microsoft.Playwright;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd.Browser;

/// <summary>The dashboard in a browser window of its own.</summary>
public sealed class BrowserPage : IAsyncDisposable
{
    private static readonly string Axe = File.ReadAllText(Repository.PathOf("tests", "Streams.EndToEnd", "Browser", "axe", "axe.min.js"));

    private readonly IBrowserContext _context;
    private readonly string _url;
    private readonly List<string> _errors = [];

    private BrowserPage(IBrowserContext context, IPage page, string url)
    {
        (_context, Page, _url) = (context, page, url);
        page.PageError += (_, message) => _errors.Add(message);
        page.Console += (_, message) =>
        {
            // What the server refuses is shown on the page, and the browser notes it as well.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _errors.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    public ILocator Main => Page.Locator("main");

    public static async Task<BrowserPage> OpenAsync(IBrowser browser, string url, int width, int height, ColorScheme scheme)
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(60_000);
        return new BrowserPage(context, await context.NewPageAsync(), url);
    }

    /// <summary>Opens what the host answers, the form to sign in perhaps.</summary>
    public Task OpenAsync() => Page.GotoAsync(_url);

    /// <summary>Opens a page of the dashboard, such as <c>cameras/gate</c>.</summary>
    public async Task GoAsync(string path = "")
    {
        await Page.GotoAsync($"{_url}/#/{path}");
        await Page.Locator("#connection[data-state=live]").WaitForAsync();
    }

    /// <summary>Keeps a picture of the page as it is in tests/output.</summary>
    public async Task ScreenshotAsync(string name, bool fullPage = true)
    {
        Directory.CreateDirectory(Repository.PathOf("tests", "output", "dashboard"));
        // The header stays at the top of the window, which would be the middle of the picture.
        await Page.EvaluateAsync("() => scrollTo(0, 0)");
        await Page.ScreenshotAsync(new() { Path = Repository.PathOf("tests", "output", "dashboard", $"{name}.png"), FullPage = fullPage });
    }

    /// <summary>What axe-core finds serious or critical: a line for each rule, with the first element.</summary>
    public async Task<IReadOnlyList<string>> SeriousFindingsAsync()
    {
        // By the debugger, which the page's content policy does not bind.
        await Page.EvaluateAsync(Axe);
        var report = await Page.EvaluateAsync<JsonElement>("() => axe.run(document, { resultTypes: ['violations'] })");
        return
        [
            .. report.GetProperty("violations").EnumerateArray()
                .Where(rule => rule.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(rule => $"{rule.GetProperty("id").GetString()}: {rule.GetProperty("help").GetString()} ({rule.GetProperty("nodes").GetArrayLength()}), first {rule.GetProperty("nodes")[0].GetProperty("html").GetString()} {rule.GetProperty("nodes")[0].GetProperty("failureSummary").GetString()}"),
        ];
    }

    /// <summary>What has the keyboard, in words.</summary>
    public Task<string> FocusedAsync() =>
        Page.EvaluateAsync<string>("() => { const e = document.activeElement; return e === document.body ? '' : (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent).trim(); }");

    /// <summary>Presses Tab until what has the keyboard is called so.</summary>
    public async Task TabToAsync(string name, int most = 60)
    {
        var passed = new List<string>();
        for (var i = 0; i < most; i++)
        {
            await Page.Keyboard.PressAsync("Tab");
            var focused = await FocusedAsync();
            if (focused.StartsWith(name, StringComparison.Ordinal))
            {
                return;
            }

            passed.Add(focused);
        }

        Assert.Fail($"'{name}' was not reached by Tab; there were {string.Join(" | ", passed)}");
    }

    /// <summary>Nothing is wider than the window, what scrolls inside its own region aside.</summary>
    public async Task AssertFitsAsync()
    {
        var (width, window) = (await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), Page.ViewportSize!.Width);
        Assert.True(width <= window, $"the page is {width} pixels wide in a window of {window}: {Page.Url}");
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_errors);
    }
}

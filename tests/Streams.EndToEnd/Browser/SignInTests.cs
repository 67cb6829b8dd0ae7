using Microsoft.Playwright;
using Streams.Dashboard.Security;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.EndToEnd.Browser;

/// <summary>The page of a host that asks who you are.</summary>
public sealed class SignInTests(DemoFixture demo) : PageTest(demo)
{
    private static readonly string Viewer = ApiKey.Create();
    private static readonly string Operator = ApiKey.Create();

    [Fact]
    public async Task Page_SignedInAsViewerAndThenAsOperator_OffersWhatEachMay()
    {
        Assert.SkipWhen(Demo.Missing is not null, Demo.Missing ?? "");
        await using var host = await new HostProcess
        {
            Variables = new Dictionary<string, string>
            {
                ["Streams__Security__ApiKeys__eve__Hash"] = ApiKey.Hash(Viewer),
                ["Streams__Security__ApiKeys__ops__Hash"] = ApiKey.Hash(Operator),
                ["Streams__Security__ApiKeys__ops__Role"] = "Operator",
            },
        }.StartAsync();
        using (var producer = KafkaTopic.Producer(host.Kafka))
        {
            producer.Produce(Topics.LabelSamples, KafkaTopic.Definition(new LabelTask("open", 0.01, 3, Pool: 100)));
            producer.Flush(TimeSpan.FromSeconds(20));
        }

        await using var page = await Demo.OpenAsync(host.Url);
        await SignInAsync(page, "streams_wrong");
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not known");
        await SignInAsync(page, Viewer);
        await Expect(page.Page.Locator("#account")).ToContainTextAsync("eve (viewer)");
        // No data yet: each page says what to do.
        await Expect(page.Main).ToContainTextAsync("infra/streams publish video");
        await page.GoAsync("tasks/open");
        var stop = page.Page.GetByRole(AriaRole.Button, new() { Name = "Stop asking now" });
        // It can be reached, and says why it does nothing.
        await Expect(stop).ToBeDisabledAsync();
        await stop.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("needs an operator’s key");
        Assert.Equal(0, await page.Page.Locator("dialog[open]").CountAsync());
        Assert.Empty(await page.SeriousFindingsAsync());

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await SignInAsync(page, Operator);
        await Expect(page.Page.Locator("#account")).ToContainTextAsync("ops (operator)");
        await page.GoAsync("tasks/open");
        await stop.ClickAsync();
        await page.Page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Stop asking now" }).ClickAsync();
        await Expect(page.Page.Locator(".task .badge")).ToHaveTextAsync("Abstained");
        Assert.Contains("\"by\":\"ops\"", System.Text.Encoding.UTF8.GetString(KafkaTopic.ReadAll(host.Kafka, Topics.LabelSamples)[^1].Message.Value), StringComparison.Ordinal);
    }

    private static async Task SignInAsync(BrowserPage page, string key)
    {
        if (page.Page.Url == "about:blank")
        {
            await page.OpenAsync();
        }

        await page.Page.GetByLabel("API key").FillAsync(key);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}

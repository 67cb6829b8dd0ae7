using System.Globalization;
using Confluent.Kafka;
using Microsoft.Playwright;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.EndToEnd.Browser;

/// <summary>What operators do on the page.</summary>
[Collection(ChangingPageCollection.Name)]
public sealed class OperationsTests(DemoFixture demo) : PageTest(demo)
{
    [Fact]
    public async Task Replay_StartedFromTheForm_IsVerifiedComparedPromotedAndRolledBack()
    {
        await using var page = await Demo.OpenAsync();
        await page.GoAsync("runs");
        await page.Page.GetByLabel("Name").FillAsync("Not A Name");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await page.Page.GetByLabel("Name").FillAsync("again");
        await page.Page.GetByLabel("Topic").SelectOptionAsync(Topics.LabelSamples);
        await page.Page.GetByText("Settings and limits").ClickAsync();
        await page.Page.GetByLabel("Settings of its own").FillAsync("Streams:Nothing:Here=1");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.Page.Locator("form .problem")).ToContainTextAsync("Streams:Nothing:Here");
        await page.Page.GetByLabel("Settings of its own").FillAsync("Streams:ModeEstimation:DefaultDelta=0.2");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();

        var run = page.Page.Locator("article[aria-label='Run again']");
        await Expect(run.Locator(".badge.done")).ToBeVisibleAsync();
        await run.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        await Expect(run.Locator(".verification")).ToContainTextAsync("Equal to live");
        await run.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        var comparison = page.Page.Locator(".comparison");
        await Expect(comparison.GetByRole(AriaRole.Status)).ToContainTextAsync("equal");
        await Expect(comparison.Locator("tr.differs")).ToHaveCountAsync(0);
        Assert.True(await comparison.Locator("tbody tr").CountAsync() > 0);
        await page.ScreenshotAsync("runs");

        await run.GetByRole(AriaRole.Button, new() { Name = "Promote" }).ClickAsync();
        await page.Page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Leave it" }).ClickAsync();
        await Expect(page.Page.Locator(".serving")).ToContainTextAsync("Live’s own results");
        await run.GetByRole(AriaRole.Button, new() { Name = "Promote" }).ClickAsync();
        await page.Page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Promote" }).ClickAsync();
        await Expect(run).ToContainTextAsync("Served as live");
        await Expect(page.Page.Locator(".serving")).ToContainTextAsync("again for every key of label.samples");
        // The page goes on with what is served now.
        await page.GoAsync("tasks");
        await Expect(page.Page.Locator("article[aria-label='Task defects'] .badge.decided")).ToBeVisibleAsync();

        await page.GoAsync("runs");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back" }).ClickAsync();
        await page.Page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Roll back" }).ClickAsync();
        await Expect(page.Page.Locator(".serving")).ToContainTextAsync("Live’s own results");
        await run.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.Page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(run).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task DeadLetter_CauseMendedAndRedriven_IsUsed()
    {
        await using var page = await Demo.OpenAsync();
        // Weights need a task that takes them: the sample comes too early.
        Produce(Early("early"));
        await page.GoAsync("dead-letters");
        var letter = page.Page.Locator("tbody tr", new() { HasText = "early" });
        await Expect(letter).ToContainTextAsync("define it first");
        await page.Page.Locator("tbody tr").Nth(3).WaitForAsync();
        await letter.GetByRole(AriaRole.Button, new() { Name = "Read" }).ClickAsync();
        await Expect(page.Page.Locator(".letter pre")).ToContainTextAsync("\"weights\"");
        await page.ScreenshotAsync("dead-letters");

        Produce(KafkaTopic.Definition(new LabelTask("early", 0.1, 2, Rule: LabelRules.WeightedBetting, MaxLabels: 1)));
        await letter.GetByRole(AriaRole.Button, new() { Name = "Redrive" }).ClickAsync();
        await Expect(page.Page.Locator(".notice.good")).ToContainTextAsync("1 letter sent again");
        await Expect(letter).ToHaveCountAsync(0);
        await page.Page.GetByLabel("Status").SelectOptionAsync("redriven");
        await Expect(letter.Locator(".badge")).ToHaveTextAsync("redriven");

        // It is used now: the task has its one label, and ends.
        await page.GoAsync("tasks/early");
        await Expect(page.Page.Locator(".task .badge")).ToHaveTextAsync("Abstained");
    }

    [Fact]
    public async Task Task_StoppedByAnOperator_AsksNoMoreAndAbstains()
    {
        Produce(KafkaTopic.Definition(new LabelTask("endless", 0.01, 3, Pool: 1_000)));
        await using var page = await Demo.OpenAsync();
        await page.GoAsync("tasks/endless");
        await Expect(page.Page.Locator(".task .badge")).ToHaveTextAsync("Asking");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Stop asking now" }).ClickAsync();
        await page.Page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Stop asking now" }).ClickAsync();
        await Expect(page.Page.Locator(".task .badge")).ToHaveTextAsync("Abstained");
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Stop asking now" })).ToHaveCountAsync(0);

        var modes = KafkaTopic.ReadResults(Demo.Host.Kafka, Topics.LabelModes).Values.Where(mode => mode.Contains("\"endless\"", StringComparison.Ordinal));
        Assert.Contains("\"ABSTAIN\"", Assert.Single(modes), StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.Contains("POST /api/tasks/endless/stop", await http.GetStringAsync(new Uri($"{Demo.Host.Url}/api/audit"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keyboard_Alone_ReachesAndDoesEverything()
    {
        await using var page = await Demo.OpenAsync();
        await page.GoAsync();
        await page.Page.Locator("#captions article").First.WaitForAsync();
        await page.TabToAsync("Skip to the page", 1);
        await page.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await page.Page.EvaluateAsync<string>("() => document.activeElement.id"));

        await page.Page.ReloadAsync();
        await page.Page.Locator("#captions article").First.WaitForAsync();
        await page.TabToAsync("Cameras");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator("h1")).ToHaveTextAsync("Cameras");
        // A page that has changed begins where the keyboard is.
        await page.TabToAsync("yard");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.Page.Locator(".player .history li").First.WaitForAsync();
        await page.TabToAsync("Back in time");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await page.Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.Page.GetByLabel("Back in time")).ToHaveValueAsync("15");
        // What has the keyboard keeps it while results come.
        Assert.Equal("Back in time", await page.FocusedAsync());

        await page.GoAsync("networks/uscrn");
        await page.Page.Locator("#sensor option").Nth(1).WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.TabToAsync("Sensor");
        var chosen = await page.Page.Locator("#sensor").InputValueAsync();
        await page.Page.Keyboard.PressAsync("End");
        await Expect(page.Page.Locator("#sensor")).Not.ToHaveValueAsync(chosen);

        await page.GoAsync("runs");
        await page.TabToAsync("Name");
        await page.Page.Keyboard.TypeAsync("by-keyboard");
        await page.TabToAsync("Topic");
        await page.Page.Keyboard.PressAsync("End");
        await page.TabToAsync("Start");
        await page.Page.Keyboard.PressAsync("Enter");
        var run = page.Page.Locator("article[aria-label='Run by-keyboard']");
        await Expect(run.Locator(".badge.done")).ToBeVisibleAsync();
        await page.TabToAsync("Delete");
        await page.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("Leave it", await page.FocusedAsync());
        await page.Page.Keyboard.PressAsync("Escape");
        Assert.Equal("Delete", await page.FocusedAsync());
        await page.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("Leave it", await page.FocusedAsync());
        await page.Page.Keyboard.PressAsync("Shift+Tab");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(run).ToHaveCountAsync(0);
    }

    private static Message<byte[], byte[]> Early(string task)
    {
        var sample = KafkaTopic.Sample(task, "1", "");
        sample.Value = System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""{"task":"{{{task}}}","sample":"1","weights":{"a":{{{0.75}}},"b":0.25}}"""));
        return sample;
    }

    private void Produce(Message<byte[], byte[]> message)
    {
        Assert.SkipWhen(Demo.Missing is not null, Demo.Missing ?? "");
        using var producer = KafkaTopic.Producer(Demo.Host.Kafka);
        producer.Produce(Topics.LabelSamples, message);
        producer.Flush(TimeSpan.FromSeconds(20));
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}

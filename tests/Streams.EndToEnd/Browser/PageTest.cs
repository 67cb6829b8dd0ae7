namespace Streams.EndToEnd.Browser;

/// <summary>A test of the page with the demo's data.</summary>
public abstract class PageTest(DemoFixture demo) : IAsyncLifetime
{
    protected DemoFixture Demo { get; } = demo;

    public async ValueTask InitializeAsync() => await Demo.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

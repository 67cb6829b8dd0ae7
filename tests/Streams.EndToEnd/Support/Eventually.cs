namespace Streams.EndToEnd.Support;

/// <summary>Waits for what another process does, which sends no signal of its own.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan limit, Func<string> otherwise)
    {
        using var timer = new PeriodicTimer(Interval);
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            while (!await condition())
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            Assert.Fail($"after {limit.TotalSeconds:0} s: {otherwise()}");
        }
    }
}

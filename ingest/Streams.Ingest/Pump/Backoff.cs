namespace Streams.Ingest.Pump;

/// <summary>Exponential waits with jitter, so that failures that began together do not come back together.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider time, Func<double> jitter)
{
    private int _failures;

    public int Failures => _failures;

    /// <summary>Between half of the next wait and all of it.</summary>
    public Task WaitAsync(CancellationToken ct)
    {
        var full = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 30)));
        return Task.Delay(TimeSpan.FromMilliseconds(full * (0.5 + (jitter() / 2))), time, ct);
    }
}

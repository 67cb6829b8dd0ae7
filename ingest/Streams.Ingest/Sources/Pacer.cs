namespace Streams.Ingest.Sources;

/// <summary>Holds records back until as much time has passed since the first as lies between their event times.</summary>
internal sealed class Pacer(TimeProvider time)
{
    private long _started;
    private DateTimeOffset? _first;

    public async ValueTask WaitAsync(DateTimeOffset eventTime, CancellationToken ct)
    {
        if (_first is not { } first)
        {
            (_first, _started) = (eventTime, time.GetTimestamp());
            return;
        }

        // Measured from the first record each time: a late record does not make the later ones late.
        var wait = eventTime - first - time.GetElapsedTime(_started);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, ct);
        }
    }
}

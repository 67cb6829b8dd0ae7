namespace Streams.DevBroker.Log;

/// <summary>A waiting fetch. Set by whoever appends to one of its partitions, awaited by the connection that asked.</summary>
internal sealed class FetchWaiter
{
    private readonly TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Signalled => _signal.Task;

    public void Signal() => _signal.TrySetResult();
}

namespace Streams.Ingest.Pump;

/// <summary>
/// A counting semaphore whose waits are served in order and end where they were begun. (SemaphoreSlim ends a wait that can be cancelled on the
/// thread pool, out of the simulation's sight.)
/// </summary>
internal sealed class CallSlots(int count)
{
    private readonly Lock _gate = new();

    // Guarded by _gate. A slot that is given back goes to the first that waits.
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _free = count;

    /// <summary>Whoever asks now has to wait.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_gate)
            {
                return _free == 0;
            }
        }
    }

    public async Task WaitAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
        }

        await using var cancelled = ct.UnsafeRegister(state => ((TaskCompletionSource)state!).TrySetCanceled(), turn);
        await turn.Task;
    }

    public void Release()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var next))
            {
                // False when its wait was cancelled.
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }
}

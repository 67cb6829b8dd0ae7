namespace Streams.Ingest.Pump;

/// <summary>
/// Where a pump's work runs. In the product that is the thread pool; the simulation of the tests runs everything on one thread, in an order
/// drawn from a seed, so that a failure can be seen again.
/// </summary>
internal interface IWorkScheduler
{
    /// <summary>Begins <paramref name="work"/> elsewhere than on the calling thread.</summary>
    Task Start(Func<Task> work);

    /// <summary>Cancels without running the callbacks on the calling thread, which may be the one that reads the broker.</summary>
    Task CancelAsync(CancellationTokenSource source);

    /// <summary>Holds the calling thread until <paramref name="work"/> ends; false when <paramref name="limit"/> passed first.</summary>
    bool Wait(Task work, TimeSpan limit);

    /// <summary>In [0, 1), for waits that should not end together.</summary>
    double NextJitter();
}

/// <summary>The thread pool.</summary>
internal sealed class ThreadPoolScheduler : IWorkScheduler
{
    public static ThreadPoolScheduler Instance { get; } = new();

    public Task Start(Func<Task> work) => Task.Run(work);

    public Task CancelAsync(CancellationTokenSource source) => source.CancelAsync();

    public bool Wait(Task work, TimeSpan limit) => work.Wait(limit);

    public double NextJitter() => Random.Shared.NextDouble();
}

/// <summary>Joining of tasks.</summary>
internal static class TaskJoining
{
    /// <summary>
    /// The same task, ending on the scheduler of the caller. What is combined with others (WhenAny, WaitAsync) would else, when it is a
    /// completion source with asynchronous continuations, end the combination on the thread pool.
    /// </summary>
    public static async Task Here(this Task task) => await task;
}

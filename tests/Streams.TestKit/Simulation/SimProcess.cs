using Streams.Ingest.Pump;

namespace Streams.TestKit.Simulation;

/// <summary>
/// A process: the tasks that run in it. Killed, none of them runs any more; paused (SIGSTOP), they wait. What awaits in a process goes on in it,
/// because awaiting captures the task scheduler.
/// </summary>
internal sealed class SimProcess(SimWorld world, string name) : TaskScheduler, IWorkScheduler
{
    public string Name => name;

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused { get; set; }

    public bool CanRun => IsAlive && !IsPaused;

    /// <summary>It has been asked to end in order.</summary>
    public bool IsStopping { get; set; }

    public void Kill()
    {
        IsAlive = false;
        world.Trace($"{name}: killed");
    }

    /// <summary>Begins a task in this process.</summary>
    public Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>The same for a task with an outcome.</summary>
    public Task<T> Start<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public Task CancelAsync(CancellationTokenSource source) => Start(() =>
    {
        source.Cancel();
        return Task.CompletedTask;
    });

    public bool Wait(Task work, TimeSpan limit)
    {
        var deadline = world.Clock.Now + limit;
        while (!work.IsCompleted)
        {
            if (!IsAlive)
            {
                throw new SimKilledException();
            }

            if (world.Clock.Now >= deadline)
            {
                return false;
            }

            world.Step();
        }

        return true;
    }

    public double NextJitter() => world.Random.NextDouble();

    /// <summary>Runs a task that was queued here.</summary>
    public void Run(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => world.Enqueue(this, task);

    // Never at once: in between, anything else may happen.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}

/// <summary>Unwinds a call that holds the thread of a process that was killed meanwhile.</summary>
internal sealed class SimKilledException() : Exception("the process was killed");

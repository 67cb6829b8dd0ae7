using Streams.Schemas.Labels;

namespace Streams.Host.Pipeline;

/// <summary>
/// When the definition of an open labelling task is to be published again: at its deadline, and when no answer has come for its
/// <see cref="LabelTask.ReaskAfterSeconds"/>. For one thread.
/// </summary>
internal sealed class LabelTaskTimers
{
    /// <summary>
    /// An open task replies to a repeated definition with its queries. While it does not, the next repetition waits twice as long; one that was silent so
    /// often, a thousand times the interval in all, has ended, or its definition was refused.
    /// </summary>
    public const int MostSilentRepeats = 10;

    private readonly Dictionary<string, Timer> _tasks = new(StringComparer.Ordinal);

    /// <summary>Why a definition is due.</summary>
    public enum Cause
    {
        /// <summary>No answer has come for long: queries may have been lost.</summary>
        NoAnswer,

        /// <summary>The deadline has come; nothing more will be due.</summary>
        Deadline,

        /// <summary>The task does not reply; it is followed no more, and nothing is to be published.</summary>
        Silent,
    }

    public int Count => _tasks.Count;

    /// <summary>Whether there is anything to wait for.</summary>
    public static bool IsTimed(LabelTask definition) => definition.Deadline is not null || definition.ReaskAfterSeconds is not null;

    public bool Contains(string task) => _tasks.ContainsKey(task);

    /// <summary>Where the definition of a task lies; null when it is not followed.</summary>
    public int? PartitionOf(string task) => _tasks.TryGetValue(task, out var timer) ? timer.Partition : null;

    /// <summary>Follows a task. Its first definition is the one that counts, as for the estimator.</summary>
    public void Open(LabelTask definition, int partition, DateTimeOffset now)
    {
        if (IsTimed(definition))
        {
            _tasks.TryAdd(definition.Task, new Timer(definition, partition, now));
        }
    }

    /// <summary>An answer has come.</summary>
    public void Answered(string task, DateTimeOffset now)
    {
        if (_tasks.TryGetValue(task, out var timer))
        {
            timer.Since = now;
        }
    }

    /// <summary>The estimator has asked something.</summary>
    public void Asked(string task)
    {
        if (_tasks.TryGetValue(task, out var timer))
        {
            timer.SilentRepeats = 0;
        }
    }

    /// <summary>The task wants nothing more. False when it was not followed.</summary>
    public bool Close(string task) => _tasks.Remove(task);

    /// <summary>Follows no task any more whose definition lies in <paramref name="partition"/>.</summary>
    public void Forget(int partition)
    {
        foreach (var (task, timer) in _tasks)
        {
            if (timer.Partition == partition)
            {
                // A dictionary may lose entries while it is gone through.
                _tasks.Remove(task);
            }
        }
    }

    /// <summary>What is due now.</summary>
    public IReadOnlyList<DueLabelTask> Due(DateTimeOffset now)
    {
        var due = new List<DueLabelTask>();
        foreach (var timer in _tasks.Values)
        {
            var definition = timer.Definition;
            if (definition.Deadline <= now)
            {
                due.Add(new(definition, timer.Partition, Cause.Deadline));
            }
            else if (definition.ReaskAfterSeconds is { } seconds
                && timer.SilentRepeats <= MostSilentRepeats
                && now - timer.Since >= TimeSpan.FromSeconds((long)seconds << timer.SilentRepeats))
            {
                timer.Since = now;
                due.Add(new(definition, timer.Partition, ++timer.SilentRepeats > MostSilentRepeats ? Cause.Silent : Cause.NoAnswer));
            }
        }

        foreach (var (definition, _, cause) in due)
        {
            // A silent task is still ended at its deadline: an estimator that lags behind is silent, too.
            if (cause == Cause.Deadline || (cause == Cause.Silent && definition.Deadline is null))
            {
                _tasks.Remove(definition.Task);
            }
        }

        return due;
    }

    private sealed class Timer(LabelTask definition, int partition, DateTimeOffset since)
    {
        public LabelTask Definition { get; } = definition;

        public int Partition { get; } = partition;

        /// <summary>Of the last answer, or of the last repetition since.</summary>
        public DateTimeOffset Since { get; set; } = since;

        /// <summary>Repetitions since the estimator asked last.</summary>
        public int SilentRepeats { get; set; }
    }
}

/// <summary>A task whose definition is due.</summary>
/// <param name="Definition">The definition.</param>
/// <param name="Partition">Where it lies.</param>
/// <param name="Cause">Why it is due.</param>
internal readonly record struct DueLabelTask(LabelTask Definition, int Partition, LabelTaskTimers.Cause Cause);

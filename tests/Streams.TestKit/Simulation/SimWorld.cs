using System.Globalization;

namespace Streams.TestKit.Simulation;

/// <summary>
/// One thread, one clock, one source of chance. Whatever can run waits in one list, and the seed draws what runs next, so that the same seed
/// gives the same history, and other seeds give other interleavings.
/// </summary>
internal sealed class SimWorld(int seed)
{
    private const int MaxSteps = 2_000_000;

    private readonly List<(SimProcess Process, Task Task)> _ready = [];
    private readonly List<Func<bool>> _hooks = [];
    private readonly List<string> _trace = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _escape;
    private int _steps;

    public int Seed => seed;

    public Random Random { get; } = new(seed);

    public SimClock Clock { get; } = new();

    public int Steps => _steps;

    /// <summary>The process that runs at the moment, or on whose behalf a server does.</summary>
    public SimProcess? Acting { get; private set; }

    /// <summary>Whether a trace is kept; costs time.</summary>
    public bool IsTraced { get; init; }

    public IReadOnlyList<string> TraceLines => _trace;

    /// <summary>A task that may run from now on.</summary>
    public void Enqueue(SimProcess process, Task task)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            // Something in the product went round its scheduler; what follows would depend on luck.
            _escape ??= Environment.StackTrace;
            return;
        }

        _ready.Add((process, task));
    }

    public void Trace(string line)
    {
        if (IsTraced)
        {
            _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{_steps,7} {Clock.Now.TotalSeconds,9:0.000} {line}"));
        }
    }

    /// <summary>Chance.</summary>
    public bool Happens(double probability) => Random.NextDouble() < probability;

    /// <summary>A message on its way: it arrives later than it was sent, and others may overtake it.</summary>
    public Task HopAsync() => Task.Delay(TimeSpan.FromMicroseconds(Random.Next(50, 2_000)), Clock);

    /// <summary>
    /// A request to a server: once sent, it is served whatever becomes of the one who sent it. It may be lost before it is served, or its answer
    /// after.
    /// </summary>
    public Task<T> RequestAsync<T>(SimProcess server, Func<bool> isLost, TimeSpan patience, string name, Func<T> serve)
    {
        var client = Acting;
        return server.Start(async () =>
        {
            await HopAsync();
            if (isLost())
            {
                await Task.Delay(patience, Clock);
                throw new TimeoutException($"{name} did not answer");
            }

            var server = Acting;
            Acting = client;
            T answer;
            try
            {
                answer = serve();
            }
            finally
            {
                Acting = server;
            }

            if (isLost())
            {
                await Task.Delay(patience, Clock);
                throw new TimeoutException($"the answer of {name} was lost");
            }

            await HopAsync();
            return answer;
        });
    }

    /// <summary>Called before every step, until it says that it is done.</summary>
    public void BeforeEachStep(Func<bool> hook) => _hooks.Add(hook);

    /// <summary>Runs one task, or lets time pass when none can run.</summary>
    /// <exception cref="SimulationException">Nothing can ever happen again, or things go on for ever.</exception>
    public void Step()
    {
        if (++_steps > MaxSteps)
        {
            throw new SimulationException(this, $"after {MaxSteps} steps it still goes on");
        }

        if (_escape is not null)
        {
            throw new SimulationException(this, $"work went on outside of the simulation: {_escape}");
        }

        for (var i = _hooks.Count - 1; i >= 0; i--)
        {
            if (_hooks[i]())
            {
                _hooks.RemoveAt(i);
            }
        }

        _ready.RemoveAll(entry => !entry.Process.IsAlive);
        var runnable = _ready.Count(entry => entry.Process.CanRun);
        if (runnable == 0)
        {
            if (!Clock.Advance())
            {
                throw new SimulationException(this, "nothing can happen any more, and the work is not done");
            }

            return;
        }

        var chosen = Random.Next(runnable);
        for (var i = 0; i < _ready.Count; i++)
        {
            if (_ready[i].Process.CanRun && chosen-- == 0)
            {
                var (process, task) = _ready[i];
                _ready.RemoveAt(i);
                Acting = process;
                process.Run(task);
                Acting = null;
                return;
            }
        }
    }

    /// <summary>Steps until <paramref name="done"/>.</summary>
    /// <exception cref="SimulationException">Not before <paramref name="limit"/> of simulated time.</exception>
    public void RunUntil(Func<bool> done, TimeSpan limit, Func<string> otherwise)
    {
        while (!done())
        {
            if (Clock.Now > limit)
            {
                throw new SimulationException(this, $"after {limit} of simulated time: {otherwise()}");
            }

            Step();
        }
    }
}

/// <summary>The simulated system did what it must not. The seed shows it again.</summary>
public sealed class SimulationException : Exception
{
    internal SimulationException(SimWorld world, string problem)
        : base($"seed {world.Seed}: {problem}{(world.IsTraced ? "\n" + string.Join('\n', world.TraceLines.TakeLast(400)) : "")}") =>
        Seed = world.Seed;

    /// <summary>What to run again.</summary>
    public int Seed { get; }
}

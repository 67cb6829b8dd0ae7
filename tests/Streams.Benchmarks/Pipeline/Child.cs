using System.Collections.Concurrent;
using System.Diagnostics;
using Streams.Benchmarks.Pipeline.Roles;

namespace Streams.Benchmarks.Pipeline;

/// <summary>A process of its own that tells its progress.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Lock _gate = new();
    private readonly List<Progress> _progress = [];
    private bool _disposed;

    private Child(string program, IEnumerable<string> arguments, bool isMeasured)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        // As infra/streams sets them.
        foreach (var (name, value) in new[]
        {
            ("OMP_NUM_THREADS", "1"), ("OMP_WAIT_POLICY", "PASSIVE"), ("MALLOC_TRIM_THRESHOLD_", "16777216"), ("MALLOC_MMAP_THRESHOLD_", "16777216"),
            ("DOTNET_GCgen0size", arguments.First() == "broker" ? "0x400000" : "0x4000000"), ("DOTNET_GCConserveMemory", "5"),
        })
        {
            start.Environment.TryAdd(name, value);
        }

        if (isMeasured)
        {
            // Optimised from the start: a short run would else measure code that a host runs in its first minute only.
            start.Environment.TryAdd("DOTNET_TC_QuickJit", "0");
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<Progress> Progress
    {
        get
        {
            lock (_gate)
            {
                return [.. _progress];
            }
        }
    }

    /// <summary>This program in another role.</summary>
    public static Child OfRole(params IEnumerable<string> arguments) => new(Environment.ProcessPath!, ["pipeline", .. arguments], isMeasured: true);

    /// <summary>The product's own program.</summary>
    public static Child OfProduct(params IEnumerable<string> arguments) => new(Path.Combine(AppContext.BaseDirectory, "streams"), arguments, isMeasured: false);

    /// <summary>Waits until the progress so far meets <paramref name="condition"/>.</summary>
    public async Task<IReadOnlyList<Progress>> WaitAsync(Func<IReadOnlyList<Progress>, bool> condition, TimeSpan limit)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Progress is var progress)
        {
            if (condition(progress))
            {
                return progress;
            }

            var exited = _process.HasExited;
            if (exited || Stopwatch.GetElapsedTime(began) > limit)
            {
                var reached = progress.Count == 0 ? "nothing" : progress[^1].ToString();
                throw new TimeoutException($"{(exited ? $"ended with {_process.ExitCode}" : $"not there after {limit.TotalSeconds} s")} at {reached}\n{string.Join('\n', _errors)}");
            }

            await timer.WaitForNextTickAsync();
        }

        return [];
    }

    /// <summary>Waits until <paramref name="records"/> are done.</summary>
    public Task<IReadOnlyList<Progress>> DoneAsync(long records, double limitSeconds = 120) =>
        WaitAsync(progress => progress.Count > 0 && progress[^1].Done >= records, TimeSpan.FromSeconds(limitSeconds));

    /// <summary>Waits until it has ended, well.</summary>
    public async Task ExitedAsync()
    {
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ended with {_process.ExitCode}: {string.Join(' ', _errors)}");
        }
    }

    /// <summary>Processor time so far, of whatever program it is, in seconds.</summary>
    public double ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>May be called again: whoever started it, and whoever keeps what was started.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_process.HasExited)
        {
            // Its state is thrown away: nothing need be saved.
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is not null && Roles.Progress.Parse(line) is { } progress)
        {
            lock (_gate)
            {
                _progress.Add(progress);
            }
        }
    }
}

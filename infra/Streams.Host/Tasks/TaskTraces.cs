using System.Collections.Concurrent;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Ingest.Decoding;
using Streams.Processors.ModeEstimation.DryRun;

namespace Streams.Host.Tasks;

/// <summary>How labelling tasks came to where they are, worked out from their log when somebody looks.</summary>
internal sealed class TaskTraces(StreamsOptions options, TimeProvider time)
{
    private const long Reach = 200_000;
    private const int MaxTraces = 64;

    /// <summary>So much longer than working it out took, a trace stands: a page that is open takes a twentieth of a core at most.</summary>
    private const int Rest = 20;

    private readonly KeyLog _log = new(options, new LabelSampleDecoder(), time, Reach);
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The trace; null when the topic holds nothing of the task within reach.</summary>
    public async Task<TaskTrace?> OfAsync(string task, CancellationToken cancellation)
    {
        if (_known.TryGetValue(task, out var known) && time.GetElapsedTime(known.Done) < known.Took * Rest)
        {
            return known.Trace;
        }

        var log = await _log.ReadAsync(task, cancellation);
        if (log.Records.Count == 0)
        {
            return null;
        }

        // Of a log that has not grown the trace is the same.
        var state = (log.Records.Count, log.Records[^1].Offset);
        if (known is not null && known.Log == state)
        {
            return known.Trace;
        }

        var began = time.GetTimestamp();
        var trace = (await TaskTrace.RunAsync(task, log.Records, options.ModeEstimation, cancellation)) with { IsWhole = log.IsWhole };
        if (_known.Count >= MaxTraces)
        {
            _known.Clear();
        }

        _known[task] = new Known(state, trace, time.GetTimestamp(), time.GetElapsedTime(began));
        return trace;
    }

    private sealed record Known((int Records, long Last) Log, TaskTrace Trace, long Done, TimeSpan Took);
}

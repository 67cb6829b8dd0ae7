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

    private readonly KeyLog _log = new(options, new LabelSampleDecoder(), time, Reach);

    // Of a log that has not grown the trace is the same.
    private readonly ConcurrentDictionary<string, ((int Records, long Last) Log, TaskTrace Trace)> _known = new(StringComparer.Ordinal);

    /// <summary>The trace; null when the topic holds nothing of the task within reach.</summary>
    public async Task<TaskTrace?> OfAsync(string task, CancellationToken cancellation)
    {
        var log = await _log.ReadAsync(task, cancellation);
        if (log.Records.Count == 0)
        {
            return null;
        }

        var state = (log.Records.Count, log.Records[^1].Offset);
        if (_known.TryGetValue(task, out var known) && known.Log == state)
        {
            return known.Trace;
        }

        var trace = await TaskTrace.RunAsync(task, log.Records, options.ModeEstimation, cancellation) with { IsWhole = log.IsWhole };
        if (_known.Count >= MaxTraces)
        {
            _known.Clear();
        }

        _known[task] = (state, trace);
        return trace;
    }
}

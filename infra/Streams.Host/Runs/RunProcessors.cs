using System.Collections.Concurrent;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Processors.ModeEstimation;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Host.Runs;

/// <summary>The processors of live, and those of runs that have settings of their own, which the registry keeps for every host.</summary>
internal sealed class RunProcessors(StreamsOptions options, RunRegistry registry, ICaptioner captioner) : IRunProcessors
{
    private static readonly string[] Sections = ["Captioning", "GraphFilter", "ModeEstimation"];

    private readonly IRecordProcessorFactory[] _live = Factories(options, captioner);
    private readonly ConcurrentDictionary<string, IRecordProcessorFactory[]> _runs = new();

    /// <summary>Whether a run can have these settings.</summary>
    /// <exception cref="StreamsException">One is unknown, out of range, or not the processors'.</exception>
    public void Check(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var name in settings.Keys)
        {
            if (!Sections.Any(section => name.StartsWith($"{StreamsOptions.Section}:{section}:", StringComparison.OrdinalIgnoreCase)))
            {
                throw new StreamsException(
                    $"setting '{name}' cannot be a run's own", $"take one of {string.Join(", ", Sections.Select(section => $"{StreamsOptions.Section}:{section}:…"))}");
            }
        }

        if (settings.Count > 0)
        {
            With(settings);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IRecordProcessorFactory> ForAsync(string run, string topic)
    {
        var factories = _live;
        if (run != Topics.LiveRun && !_runs.TryGetValue(run, out factories!))
        {
            var known = await registry.FindAsync(run) ?? throw new InvalidOperationException($"run '{run}' is not in the registry; it was deleted");
            factories = known.Settings.Count == 0 ? _live : With(known.Settings);
            _runs[run] = factories;
        }

        return factories.FirstOrDefault(factory => factory.Topic == topic)
            ?? throw new InvalidOperationException($"No processor reads topic '{topic}'");
    }

    /// <inheritdoc/>
    public bool IsLight(string topic) => _live.Any(factory => factory.Topic == topic && factory.IsLight);

    /// <summary>A run of that name may come again with other settings.</summary>
    public void Forget(string run) => _runs.TryRemove(run, out _);

    private IRecordProcessorFactory[] With(IReadOnlyDictionary<string, string> settings)
    {
        var all = new Dictionary<string, string?>(options.CommandLine);
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return Factories(StreamsConfiguration.Load(all), captioner);
    }

    private static IRecordProcessorFactory[] Factories(StreamsOptions options, ICaptioner captioner) =>
    [
        new CaptioningProcessorFactory(captioner, options.Captioning),
        new GraphFilterProcessorFactory(options.GraphFilter),
        new ModeEstimationProcessorFactory(options.ModeEstimation),
    ];
}

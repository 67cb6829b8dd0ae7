using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>
/// Replays the history of labelling tasks under other settings, to see what they cost and how often they give no answer before one is
/// turned on. Each task goes through the processor that live runs, so that what counts, what is a repeat and when it ends is
/// live's own doing.
/// </summary>
/// <remarks>
/// A history ends where its task did: an active task stops asking once it is sure, and a setting that needs more labels than that finds
/// the task open at the end. Histories of passive tasks, or of tasks with a small delta, tell the most.
/// </remarks>
public static class ModeDryRun
{
    /// <summary>The outcome of <paramref name="setting"/> over all of <paramref name="histories"/>.</summary>
    /// <param name="histories">At least one, each with a sample and none about pairs.</param>
    /// <param name="setting">What is tried.</param>
    /// <param name="options">Settings as live has them; its number of labels stands in where a task has no definition.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="DryRunException">A task's definition does not go with the setting.</exception>
    public static async Task<DryRunRow> RunAsync(IReadOnlyList<TaskHistory> histories, DryRunSetting setting, ModeEstimationOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(options);
        if (histories is not { Count: > 0 } || histories.Any(history => history.IsAboutPairs || history.Labels == 0))
        {
            throw new ArgumentException("give tasks that have samples and do not ask about pairs", nameof(histories));
        }

        var factory = new ModeEstimationProcessorFactory(options);
        var outcomes = new List<(TaskHistory, TaskOutcome)>(histories.Count);
        foreach (var history in histories)
        {
            outcomes.Add((history, await ReplayAsync(history, setting, factory, options, ct)));
        }

        return DryRunRow.Of(setting, outcomes);
    }

    private static async Task<TaskOutcome> ReplayAsync(
        TaskHistory history, DryRunSetting setting, ModeEstimationProcessorFactory factory, ModeEstimationOptions options, CancellationToken ct)
    {
        var processor = factory.Create(history.Task, null);
        var definition = setting.Of(history.Definition ?? new LabelTask(history.Task, options.DefaultDelta, options.DefaultLabels));
        try
        {
            await processor.ApplyAsync([history.Samples[0] with { EventType = EventTypes.LabelTask, Payload = LabelCodec.Encode(definition) }], ct);
        }
        catch (RecordFormatException e)
        {
            throw new DryRunException($"task '{history.Task}' cannot be tried with {setting}: {e.Message}");
        }

        var (rejected, firstRefusal) = (0, (string?)null);
        for (var i = 0; i < history.Samples.Count; i++)
        {
            var output = await processor.ApplyAsync([history.Samples[i]], ct);
            rejected += output.Rejections.Count;
            firstRefusal ??= output.Rejections is [var first, ..] ? first.Reason : null;
            if (output.Results.FirstOrDefault(result => result.Topic == Topics.LabelModes) is { } result)
            {
                var mode = ResultJson.Deserialize<LabelMode>(result.Data);
                return new TaskOutcome(mode.Status, mode.Mode, history.LabelsUpTo(i), rejected, firstRefusal);
            }
        }

        return new TaskOutcome(null, null, history.Labels, rejected, firstRefusal);
    }
}

/// <summary>A setting does not go with a task; the message says which and why.</summary>
public sealed class DryRunException(string message) : Exception(message);

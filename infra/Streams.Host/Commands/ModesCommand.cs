using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.DryRuns;
using Streams.Processors.ModeEstimation.DryRun;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams modes simulate</c>: what labelling tasks would have cost under other settings.</summary>
internal static class ModesCommand
{
    public static Command Create() => new("modes", "Settings of labelling tasks, tried before they are turned on.") { Simulate() };

    private static Command Simulate()
    {
        var task = new Option<string[]>("--task") { Description = "A labelling task; may be repeated. Without it all tasks are taken." };
        var source = new Option<string?>("--source") { Description = "CSV as `streams publish samples` reads it (sample,label[,task]), instead of the broker's records.", HelpName = "file" };
        var from = new Option<string?>("--from") { Description = $"First record of {Topics.LabelSamples}: a time (2026-01-31T12:00:00Z), an offset, or nothing for the oldest." };
        var to = new Option<string?>("--to") { Description = "End, exclusive: a time, an offset, or nothing for the newest at the start." };
        var labels = new Option<int?>("--labels") { Description = "Number of different labels that can occur, of tasks without a definition. Default: Streams:ModeEstimation:DefaultLabels." };
        var delta = Grid("--delta", "Probabilities of error to try.", DryRunGrid.DefaultDeltas);
        var tolerance = Grid("--tolerance", "Absolute tolerances to try; 0: only the mode will do.", DryRunGrid.DefaultTolerances);
        var max = Grid("--max", "Numbers of labels after which to abstain to try; none: no limit.", DryRunGrid.DefaultMaxima);
        var rule = Grid("--rule", "Stopping rules to try.", DryRunGrid.DefaultRules);
        var kafka = CommonOptions.Kafka();
        var json = CommonOptions.Json();
        var command = new Command("simulate", "Replay the history of labelling tasks under several settings: what they cost, and how often they give no answer. Nothing is written.")
        {
            task, source, from, to, labels, delta, tolerance, max, rule, json, kafka, CommonOptions.Set(),
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var settings = DryRunGrid.Parse(parsed.GetValue(delta)!, parsed.GetValue(tolerance)!, parsed.GetValue(max)!, parsed.GetValue(rule)!);
            var streams = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"));
            var options = streams.ModeEstimation with { DefaultLabels = Kinds(parsed.GetValue(labels)) ?? streams.ModeEstimation.DefaultLabels };
            var names = new HashSet<string>(parsed.GetValue(task) ?? [], StringComparer.Ordinal);
            var histories = new LabelHistories(names, options);
            var file = parsed.GetValue(source);
            if (file is null)
            {
                await histories.ReadAsync(streams, parsed.GetValue(from), parsed.GetValue(to), cancellation);
            }
            else if (parsed.GetValue(from) is not null || parsed.GetValue(to) is not null)
            {
                throw new StreamsException("--from and --to are given along with --source", "leave them out: a file is read as a whole");
            }
            else
            {
                await histories.ReadAsync(file, cancellation);
            }

            var tasks = histories.Usable(file is null ? $"on {Topics.LabelSamples} at {streams.Kafka.BootstrapServers} between --from and --to" : $"in {file}");
            var rows = new List<DryRunRow>(settings.Count);
            foreach (var setting in settings)
            {
                rows.Add(await ModeDryRun.RunAsync(tasks, setting, options, cancellation));
            }

            Print(histories, tasks, rows, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Option<string> Grid(string name, string description, string values) =>
        new(name) { Description = description, DefaultValueFactory = _ => values, HelpName = "a,b,…" };

    private static int? Kinds(int? labels) => labels is null or (>= 2 and <= LabelCodec.MaxLabelKinds)
        ? labels
        : throw new StreamsException($"--labels {labels} cannot be", $"give a number from 2 to {LabelCodec.MaxLabelKinds}");

    private static void Print(LabelHistories histories, IReadOnlyList<TaskHistory> tasks, IReadOnlyList<DryRunRow> rows, bool json)
    {
        if (json)
        {
            foreach (var row in rows)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(row, ResultJson.Options));
            }

            return;
        }

        AnsiConsole.MarkupLineInterpolated($"{tasks.Count:n0} tasks, {tasks.Sum(history => (long)history.Labels):n0} labelled samples.");
        AnsiConsole.Write(DryRunText.Table(rows));
        foreach (var line in DryRunText.Chart(rows))
        {
            AnsiConsole.WriteLine(line);
        }

        Note(histories.AboutPairs, "tasks left out, which ask about pairs");
        Note(tasks.Count(task => task.Definition?.DriftAlarm is not null), "tasks watch for drift; what came after their first answer is left out");
        Note(histories.Malformed, "records left out, which the pipeline dead-letters");
        if (rows.FirstOrDefault(row => row.FirstRefusal is not null) is { } refusing)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{refusing.Refused:n0} samples would be refused[/] with {refusing.Setting.ToString()}, the first because {refusing.FirstRefusal}");
        }
    }

    private static void Note(int count, string what)
    {
        if (count > 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{count:n0}[/] {what}.");
        }
    }
}

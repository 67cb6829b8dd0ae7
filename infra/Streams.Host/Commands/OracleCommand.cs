using System.CommandLine;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Pipeline;
using Streams.Ingest.Sources.Labels;
using Streams.Schemas.Labels;

namespace Streams.Host.Commands;

/// <summary><c>streams oracle</c>: answers label queries from a file of truths.</summary>
internal static class OracleCommand
{
    public static Command Create()
    {
        var truths = new Option<FileInfo>("--truths") { Description = "CSV with the columns sample,label: the label of each sample of the pool, numbered from 0.", Required = true };
        var task = new Option<string>("--task") { Description = "The labelling task whose queries are answered.", Required = true };
        var name = new Option<string>("--name") { Description = "Who answers; part of each answer.", DefaultValueFactory = _ => "truth" };
        var open = new Option<double?>("--delta") { Description = "Open the task first, with this largest probability of error (for instance 0.01)." };
        var model = new Option<string?>("--query-model") { Description = "Of the task that is opened: labels (the default), or pairs: whether two samples have the same label." };
        var budget = new Option<int?>("--budget") { Description = "Of the task that is opened: labels, or with pairs queries, after which to abstain. Pairs need it." };
        var shared = new LabelTaskOptions();
        var once = new Option<bool>("--once") { Description = "End when the task stops asking." };
        var kafka = CommonOptions.Kafka();
        var command = new Command("oracle", "Answer the queries of a labelling task from a CSV of truths, until Ctrl-C; or from captions (see below).")
        {
            task, truths, open, model, budget, name, once, OracleCaptionsCommand.Create(),
        };
        var json = CommonOptions.Json();
        foreach (var option in shared.All.Concat([kafka, json, CommonOptions.Set()]))
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            // System.CommandLine ends a process at once (143) when it is told to stop before an action has first waited: whoever reads of Ctrl-C may use it.
            await Task.Yield();
            var options = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"));
            if (parsed.GetValue(open) is null)
            {
                LabelTaskOptions.RefuseUnlessOpening(parsed, [model, budget, .. shared.All]);
            }

            var file = parsed.GetValue(truths)!.FullName;
            var known = await TruthsAsync(file, cancellation);
            var oracle = OracleLoop.OfTruths(options, parsed.GetValue(task)!, known, parsed.GetValue(name)!);
            if (parsed.GetValue(open) is { } delta)
            {
                var isPairs = parsed.GetValue(model) == QueryModels.Pairs;
                var definition = new LabelTask(
                    parsed.GetValue(task)!,
                    delta,
                    Math.Max(2, known.Values.Distinct().Count()),
                    known.Count,
                    MaxLabels: isPairs ? null : parsed.GetValue(budget),
                    QueryModel: parsed.GetValue(model),
                    MaxQueries: isPairs ? parsed.GetValue(budget) : null);
                await using var publisher = KafkaAccess.Publisher(options);
                await OracleLoop.PublishTaskAsync(publisher, shared.On(parsed, definition), cancellation);
            }

            AnsiConsole.MarkupLineInterpolated($"Answering for task [bold]{parsed.GetValue(task)}[/] from {file}. Ctrl-C stops.");
            var answered = await oracle.RunAsync(parsed.GetValue(once), cancellation);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { task = parsed.GetValue(task), answered }));
            }
            else
            {
                AnsiConsole.MarkupLineInterpolated($"{answered} queries answered.");
            }

            // Without --once Ctrl-C is how it ends.
            return parsed.GetValue(once) && cancellation.IsCancellationRequested ? StreamsCommandLine.Interrupted : 0;
        });
        return command;
    }

    private static async Task<Dictionary<int, string>> TruthsAsync(string file, CancellationToken cancellation)
    {
        var table = await TruthTable.LoadAsync(file, ct: cancellation);
        return Enumerable.Range(0, table.Pool).ToDictionary(sample => sample, sample => table.TryGetLabel(sample, out var label) ? label : throw new KeyNotFoundException());
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Oracles;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams oracle captions</c>: the most common label of a camera's clips, with the captioner asked for as few of them as the confidence allows.</summary>
internal static class OracleCaptionsCommand
{
    public static Command Create()
    {
        var camera = new Option<string>("--camera") { Description = "The camera whose clips on video.frames are the pool, as far as they have been published by now.", Required = true };
        var attribute = new Option<string>("--attribute")
        {
            Description = $"What of a caption is the label: {string.Join("; ", CaptionAttribute.All.Select(known => $"{known.Name} ({known.Description})"))}.",
            DefaultValueFactory = _ => CaptionAttribute.All[0].Name,
        };
        var task = new Option<string>("--task") { Description = "Name of the labelling task. One that was begun is taken up where it stands.", Required = true };
        var delta = new Option<double>("--delta") { Description = "Largest accepted probability of a wrong answer.", DefaultValueFactory = _ => 0.05 };
        var max = new Option<int?>("--max", "--budget") { Description = "Abstain after this many labels; no more clips than that are captioned." };
        var from = new Option<string?>("--from") { Description = "Where the clips begin: a time (2026-01-31T12:00:00Z) or an offset. Default: the oldest record." };
        var to = new Option<string?>("--to") { Description = "Where they end, exclusive. Default: now." };
        var fresh = new Option<bool>("--no-published") { Description = "Ask the model also for clips whose caption the pipeline has published." };
        var shared = new LabelTaskOptions();
        var kafka = CommonOptions.Kafka();
        var json = CommonOptions.Json();
        var command = new Command("captions", "Find the most common label among a camera's captions, asking the captioner for one more clip only while the answer is open.")
        {
            camera, attribute, task, delta, max, from, to, fresh,
        };
        foreach (var option in shared.All.Concat([kafka, json, CommonOptions.Set()]))
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"));
            var label = CaptionAttribute.Find(parsed.GetValue(attribute)!);
            var request = new CaptionTaskRequest(
                shared.On(parsed, CaptionTaskRequest.Definition(parsed.GetValue(task)!, label, parsed.GetValue(delta), parsed.GetValue(max))),
                parsed.GetValue(camera)!,
                label,
                parsed.GetValue(from),
                parsed.GetValue(to),
                !parsed.GetValue(fresh));
            await using var captioner = await LoadAsync(options.Captioner);
            using var opened = await CaptionTask.OpenAsync(options, request, captioner, cancellation);
            if (!parsed.GetValue(json))
            {
                AnsiConsole.MarkupLineInterpolated(
                    $"Task [bold]{request.Task.Task}[/]: {request.Attribute.Description} in {opened.Pool.Clips.Count} clips of camera {request.Camera}, {opened.Known} of them known already. Ctrl-C stops; the same command goes on.");
            }

            var summary = await opened.RunAsync(cancellation);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(summary, ResultJson.Options));
            }
            else
            {
                Print(request, captioner.ModelName, summary);
            }

            return 0;
        });
        return command;
    }

    private static async Task<TorchCaptioner> LoadAsync(CaptionerOptions options)
    {
        try
        {
            return await TorchCaptioner.LoadAsync(options);
        }
        catch (FileNotFoundException e)
        {
            throw new StreamsException($"There is no captioning model in {options.ModelDirectory}: {e.Message}", "name a folder with one by --set Streams:Captioner:ModelDirectory=FOLDER");
        }
    }

    private static void Print(CaptionTaskRequest request, string model, CaptionTaskSummary summary)
    {
        var mode = summary.Mode;
        var decided = mode.Status is LabelModeStatus.Decided or LabelModeStatus.EpsMode;
        var within = mode.Status == LabelModeStatus.EpsMode ? FormattableString.Invariant($" within a tolerance of {request.Task.Tolerance}") : "";
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{(decided ? $"Most common{within}" : "Undecided; in the lead")}: [bold]{mode.Mode ?? CaptionAttribute.None}[/] ({mode.LeaderCount} of {mode.LabelsUsed} labels, next {mode.RunnerUpCount}), {(decided ? "with" : "asked for")} confidence {1 - request.Task.Delta:0.####}, by rule {mode.Rule}.");
        AnsiConsole.MarkupLineInterpolated(
            $"Clips looked at: {summary.CaptionedByModel + summary.CaptionedByPipeline} of {summary.Clips}; {summary.CaptionedByModel} captioned for it by {model}, {summary.CaptionedByPipeline} by the pipeline before. Model calls saved: {summary.ModelCallsSaved}.");
    }
}

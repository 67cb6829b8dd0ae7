using System.CommandLine;
using Spectre.Console;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Training;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner train|eval|load|score</c>: makes, measures and loads the captioning model.</summary>
internal static class CaptionerCommand
{
    // Unseen seeds, held-out combinations, and one frame repeated.
    private const int Sets = 3;

    public static Command Create() => new("captioner", "Train, measure or load a captioning model.") { Train(), Eval(), CaptionerLoadCommand.Create(), CaptionerScoreCommand.Create() };

    private static Command Train()
    {
        var defaults = new CaptionerTrainingOptions { OutputDirectory = "" };
        var output = new Option<DirectoryInfo>("--output") { Description = "Folder to write the model to.", Required = true };
        var from = new Option<DirectoryInfo?>("--from") { Description = "Model folder to go on from." };
        var seed = new Option<int>("--seed") { Description = "Seed of weights and scenes.", DefaultValueFactory = _ => defaults.Seed };
        var vision = new Option<int>("--vision-steps") { Description = "Steps of the encoder on patch labels.", DefaultValueFactory = _ => defaults.VisionSteps };
        var images = new Option<int>("--image-steps") { Description = "Steps on captions of still pictures.", DefaultValueFactory = _ => defaults.ImageSteps };
        var clips = new Option<int>("--clip-steps") { Description = "Steps on clips.", DefaultValueFactory = _ => defaults.ClipSteps };
        var rate = new Option<double>("--clip-rate") { Description = "Highest learning rate of the clip stage.", DefaultValueFactory = _ => defaults.ClipRate };
        var evaluate = new Option<int>("--evaluation-clips") { Description = "Clips in each set of the final evaluation.", DefaultValueFactory = _ => defaults.EvaluationClips };
        var command = new Command("train", "Train the captioner from rendered scenes, on the CPU in tens of minutes.") { output, from, seed, vision, images, clips, rate, evaluate };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new CaptionerTrainingOptions
            {
                OutputDirectory = parsed.GetValue(output)!.FullName,
                StartFrom = parsed.GetValue(from)?.FullName,
                Seed = parsed.GetValue(seed),
                VisionSteps = parsed.GetValue(vision),
                ImageSteps = parsed.GetValue(images),
                ClipSteps = parsed.GetValue(clips),
                ClipRate = parsed.GetValue(rate),
                EvaluationClips = parsed.GetValue(evaluate),
            };
            var metrics = await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(context => CaptionerTrainer.TrainAsync(options, new StageBars(context), cancellation));
            Print(metrics);
            AnsiConsole.MarkupLineInterpolated($"Model written to [bold]{options.OutputDirectory}[/]. Use it with --set Streams:Captioner:ModelDirectory={options.OutputDirectory}");
            return 0;
        });
        return command;
    }

    private static Command Eval()
    {
        var model = new Option<DirectoryInfo?>("--model") { Description = "Model folder (default: the shipped one)." };
        var clips = new Option<int>("--clips") { Description = "Clips in each set.", DefaultValueFactory = _ => 200 };
        var command = new Command("eval", "Caption rendered clips of unseen seeds and of combinations never trained on, and count what is right.") { model, clips };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = parsed.GetValue(model) is { } folder ? new CaptionerOptions { ModelDirectory = folder.FullName } : new CaptionerOptions();
            await using var captioner = await TorchCaptioner.LoadAsync(options);
            Print(await AnsiConsole.Progress().StartAsync(context =>
            {
                var bar = context.AddTask("captioning", maxValue: parsed.GetValue(clips) * Sets);
                return CaptionerEvaluator.EvaluateAsync(captioner, parsed.GetValue(clips), progress: new Done(bar), cancellationToken: cancellation);
            }));
            return 0;
        });
        return command;
    }

    private static void Print(CaptionerMetrics metrics)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("set").AddColumn(new TableColumn("clips").RightAligned()).AddColumn(new TableColumn("exact").RightAligned());
        foreach (var attribute in metrics.Validation.Attributes.Keys)
        {
            table.AddColumn(new TableColumn(attribute).RightAligned());
        }

        foreach (var (name, set) in new[] { ("unseen seeds", metrics.Validation), ("held-out pairs", metrics.HeldOut), ("one frame repeated", metrics.OneFrame) })
        {
            table.AddRow([name, $"{set.Clips}", $"{set.Exact:0.000}", .. set.Attributes.Values.Select(share => $"{share:0.000}")]);
        }

        AnsiConsole.Write(table);
    }

    private sealed class Done(ProgressTask bar) : IProgress<int>
    {
        public void Report(int value) => bar.Value = value;
    }

    // A bar for each stage, made when its first report comes.
    private sealed class StageBars(ProgressContext context) : IProgress<TrainingProgress>
    {
        private readonly Dictionary<string, ProgressTask> _bars = [];

        public void Report(TrainingProgress value)
        {
            if (!_bars.TryGetValue(value.Stage, out var bar))
            {
                _bars[value.Stage] = bar = context.AddTask(value.Stage, maxValue: Math.Max(1, value.Steps));
            }

            bar.Value = value.Step;
            bar.Description = $"{value.Stage,-10} loss {value.Loss:0.000}{(value.Measure is { } measure ? $", accuracy {measure:0.000}" : "")}";
        }
    }
}

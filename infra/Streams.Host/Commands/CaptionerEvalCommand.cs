using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Pipeline;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner eval</c>: what a model can do on scenes that it has never seen.</summary>
internal static class CaptionerEvalCommand
{
    private const int DefaultConfusions = 12;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Command Create()
    {
        var model = new Option<DirectoryInfo?>("--model") { Description = "Model folder (default: the shipped one)." };
        var clips = Positive("--clips", "Clips in each set.", 1000);
        var size = Positive("--size", "Pixels a side of the pictures, even.", 192);
        var quality = new Option<int>("--crf") { Description = "Constant rate factor of H.264: 18 is hardly visible, 28 coarse.", DefaultValueFactory = _ => 23 };
        var clean = new Option<bool>("--clean") { Description = "Clean drawings instead of H.264." };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the scenes; training seeds are smaller than 2^32.", DefaultValueFactory = _ => CaptionerEvaluator.Seed };
        var json = CommonOptions.Json();
        var command = new Command("eval", """
            Caption clips never seen in training, and count what is right.

            Rendered clips of unseen seeds, of combinations that training leaves out (green circles, triangles moving left, two diamonds ...),
            and with one frame repeated, which must lose the motion. Each is filmed, encoded as H.264 and decoded first.

            Examples:
              streams captioner eval
              streams captioner eval --model model --clips 200 --size 384 --crf 28
              streams captioner eval --clean --json
            """) { model, clips, size, quality, clean, seed, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            // A clip is cheaper in a large batch.
            var options = new CaptionerOptions { BatchSize = 16 };
            await using var captioner = await TorchCaptioner.LoadAsync(parsed.GetValue(model) is { } folder ? options with { ModelDirectory = folder.FullName } : options);
            Task<CaptionerMetrics> EvaluateAsync(IProgress<int>? progress) => CaptionerEvaluator.EvaluateAsync(
                captioner, parsed.GetValue(clips), parsed.GetValue(size), parsed.GetValue(clean) ? null : new H264ClipCodec(), parsed.GetValue(quality), parsed.GetValue(seed), progress, cancellation);
            var metrics = await Bars.Create().StartAsync(context =>
                EvaluateAsync(new Done(context.AddTask("captioning", maxValue: parsed.GetValue(clips) * CaptionerEvaluator.Sets))));
            if (parsed.GetValue(json))
            {
                PrintJson(metrics);
                return 0;
            }

            Print(metrics);
            return 0;
        });
        return command;
    }

    public static void PrintJson(CaptionerMetrics metrics) => Console.WriteLine(JsonSerializer.Serialize(metrics, Json));

    /// <summary>The shares right of each set, and what was taken for what.</summary>
    public static void Print(CaptionerMetrics metrics)
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
        PrintConfusions("unseen seeds", metrics.Validation);
        PrintConfusions("held-out pairs", metrics.HeldOut);
    }

    private static void PrintConfusions(string name, CaptionSetMetrics set)
    {
        if (set.Confusions.Count == 0)
        {
            AnsiConsole.WriteLine($"{name}: every attribute right.");
            return;
        }

        var table = new Table().Border(TableBorder.Simple).Title($"{name}: what was taken for what").AddColumn("attribute").AddColumn("truth").AddColumn("said")
            .AddColumn(new TableColumn("times").RightAligned()).AddColumn(new TableColumn("of").RightAligned());
        foreach (var confusion in set.Confusions.Take(DefaultConfusions))
        {
            table.AddRow(confusion.Attribute, confusion.Truth, confusion.Said, $"{confusion.Times}", $"{confusion.OfTruth}");
        }

        AnsiConsole.Write(table);
        if (set.Confusions.Count > DefaultConfusions)
        {
            AnsiConsole.WriteLine($"and {set.Confusions.Skip(DefaultConfusions).Sum(confusion => confusion.Times)} more of {set.Confusions.Count - DefaultConfusions} kinds (--json has all).");
        }
    }

    private static Option<int> Positive(string name, string description, int value)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} {result.GetValueOrDefault<int>()} is not positive");
            }
        });
        return option;
    }

    private sealed class Done(ProgressTask bar) : IProgress<int>
    {
        public void Report(int value) => bar.Value = value;
    }
}

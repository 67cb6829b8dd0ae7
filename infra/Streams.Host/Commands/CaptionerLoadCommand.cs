using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner load</c>: opens a published checkpoint, says what is in it, and lets it answer.</summary>
internal static class CaptionerLoadCommand
{
    private const string DefaultPrompt = "Describe what you see.";

    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Folder as Hugging Face publishes SmolVLM2 (256M, 500M, 2.2B) and Idefics3: config.json, model.safetensors or shards, tokenizer.json." };
        var image = new Option<FileInfo[]>("--image") { Description = "Picture to describe. May be repeated." };
        var video = new Option<FileInfo?>("--video") { Description = "Clip to describe." };
        var prompt = new Option<string?>("--prompt") { Description = $"What to ask. Default, with a picture or a clip: \"{DefaultPrompt}\"" };
        var tokens = new Option<int>("--max-new-tokens") { Description = "Longest answer.", DefaultValueFactory = _ => 64 };
        var device = CaptionerMedia.Device();
        var precision = CaptionerMedia.Precision();
        var json = new Option<bool>("--json") { Description = "One JSON object, for programs." };
        tokens.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--max-new-tokens must be at least 1");
            }
        });
        var command = new Command("load", "Load a published checkpoint, print what is in it, and caption a picture or a clip.") { folder, image, video, prompt, tokens, device, precision, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var started = Stopwatch.GetTimestamp();
            using var captioner = CaptionerMedia.Load(new CheckpointOptions
            {
                Directory = parsed.GetValue(folder)!.FullName,
                Device = parsed.GetValue(device)!,
                Precision = parsed.GetValue(precision)!,
            });
            var loaded = Stopwatch.GetElapsedTime(started);
            var contents = await ContentsAsync(captioner, parsed.GetValue(image) ?? [], parsed.GetValue(video), parsed.GetValue(prompt), cancellation);
            started = Stopwatch.GetTimestamp();
            var answer = contents.Count == 0 ? null : captioner.Answer([new ChatMessage(ChatMessage.User, contents)], parsed.GetValue(tokens), cancellation);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new { captioner.Report, LoadSeconds = loaded.TotalSeconds, Answer = answer }, JsonOptions));
                return 0;
            }

            Print(captioner.Report, loaded);
            if (answer is not null)
            {
                AnsiConsole.MarkupLineInterpolated(
                    CultureInfo.InvariantCulture,
                    $"[bold]{answer.Text}[/]\n{answer.TokenIds.Count} tokens in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, confidence {answer.Confidence:0.00}{(answer.Complete ? "" : "; cut at --max-new-tokens")}");
            }

            return 0;
        });
        return command;
    }

    private static JsonSerializerOptions JsonOptions { get; } = new(ResultJson.Options) { IncludeFields = true };

    private static async Task<List<ChatContent>> ContentsAsync(CheckpointCaptioner captioner, FileInfo[] images, FileInfo? video, string? prompt, CancellationToken ct)
    {
        List<ChatContent> contents = [.. images.Select(file => new ImageContent(ImageFile.Read(file.FullName)))];
        if (video is not null)
        {
            contents.Add(await CaptionerMedia.ReadVideoAsync(captioner, video.FullName, ct));
        }

        if (prompt is not null || contents.Count > 0)
        {
            contents.Add(new TextContent(prompt ?? DefaultPrompt));
        }

        return contents;
    }

    private static void Print(CheckpointReport report, TimeSpan loaded)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("tensor").AddColumn("shape")
            .AddColumn(new TableColumn("times").RightAligned()).AddColumn(new TableColumn("weights").RightAligned());
        foreach (var part in report.Parts)
        {
            table.AddRow(Markup.Escape(part.Name), Markup.Escape($"[{string.Join(", ", part.Shape)}]"), $"{part.Count}", part.Parameters.ToString("n0", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"[bold]{report.ModelType}[/]: {report.Parts.Sum(part => part.Parameters):n0} weights as {report.Precision} on {report.Device}, from {report.Files.Count} file(s) of {report.Files.Sum(file => file.Bytes) / 1e6:n1} MB in {loaded.TotalSeconds:0.00} s.");
        AnsiConsole.MarkupLineInterpolated(
            $"Pictures of {report.ImageSize} pixels a side, {report.TokensPerImage} tokens each; {report.Vocabulary} words; context of {report.ContextLength} tokens.");
    }
}

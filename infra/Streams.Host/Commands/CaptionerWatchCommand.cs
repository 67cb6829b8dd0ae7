using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner watch</c>: a running commentary on a video of any length, in memory that does not grow.</summary>
internal static class CaptionerWatchCommand
{
    public static Command Create()
    {
        var defaults = new VideoCommentaryOptions();
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Folder as Hugging Face publishes SmolVLM2 and Idefics3." };
        var video = new Argument<FileInfo>("video") { Description = "Video, as long as you like." };
        var seconds = Positive("--seconds", "Seconds of a piece.", 4);
        var rate = Positive("--fps", "Frames looked at in a second.", 1);
        var window = Positive("--window", "Latest tokens that are remembered; a frame is as many as `captioner load` says.", defaults.WindowTokens);
        var tokens = Positive("--max-new-tokens", "Longest answer to a piece.", defaults.MaxNewTokens);
        var prompt = new Option<string>("--prompt") { Description = "What to ask about each piece.", DefaultValueFactory = _ => defaults.Prompt };
        var device = CaptionerMedia.Device();
        var precision = CaptionerMedia.Precision();
        var json = new Option<bool>("--json") { Description = "One JSON object a piece, for programs." };
        var command = new Command("watch", "Watch a video without end and say what happens, piece by piece, remembering what came before.")
        {
            folder, video, seconds, rate, window, tokens, prompt, device, precision, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var captioner = CaptionerMedia.Load(new CheckpointOptions
            {
                Directory = parsed.GetValue(folder)!.FullName,
                Device = parsed.GetValue(device)!,
                Precision = parsed.GetValue(precision)!,
            });
            using var commentary = new VideoCommentary(captioner, defaults with
            {
                Prompt = parsed.GetValue(prompt)!,
                WindowTokens = parsed.GetValue(window),
                MaxNewTokens = parsed.GetValue(tokens),
            });
            var file = await VideoFile.OpenAsync(parsed.GetValue(video)!.FullName, cancellation);
            var step = Math.Max(1, file.FramesPerSecond / parsed.GetValue(rate));
            var frames = (int)Math.Ceiling(file.Frames / step);
            foreach (var piece in Enumerable.Range(0, frames).Select(i => (int)(i * step)).Chunk(parsed.GetValue(seconds) * parsed.GetValue(rate)))
            {
                var seen = new List<RgbFrame>();
                await foreach (var frame in file.ReadAsync(piece, cancellation))
                {
                    seen.Add(captioner.Shrink(frame));
                }

                var times = piece.Take(seen.Count).Select(index => index / file.FramesPerSecond).ToList();
                Print(times[0], Continue(commentary, new VideoContent(seen, times, times[^1]), cancellation), commentary, parsed.GetValue(json));
            }

            return 0;
        });
        return command;
    }

    private static CheckpointAnswer Continue(VideoCommentary commentary, VideoContent piece, CancellationToken cancellation)
    {
        try
        {
            return commentary.Continue(piece, cancellation);
        }
        catch (ArgumentException e)
        {
            throw new StreamsException(e.Message, "make --seconds or --fps smaller, or --window larger");
        }
    }

    private static void Print(double second, CheckpointAnswer answer, VideoCommentary commentary, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(
                new { Second = second, answer.Text, answer.Confidence, answer.Complete, commentary.TokensSeen, commentary.TokensHeld, commentary.CacheBytes }, ResultJson.Options));
            return;
        }

        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{TimeSpan.FromSeconds(second):h\\:mm\\:ss}[/] {answer.Text} [grey]({answer.Confidence:0.00})[/]");
    }

    private static Option<int> Positive(string name, string description, int standard)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be at least 1");
            }
        });
        return option;
    }
}

using System.CommandLine;
using System.Text.RegularExpressions;
using Streams.Host.Cli;
using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;

namespace Streams.Host.Commands;

/// <summary>Published checkpoints, and files on disk as they want to see them.</summary>
internal static class CaptionerMedia
{
    public static Option<string> Device()
    {
        var option = new Option<string>("--device") { Description = "auto (CUDA where there is one), cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        option.Validators.Add(result =>
        {
            if (!Regex.IsMatch(result.GetValueOrDefault<string>(), "^(auto|cpu|cuda(:[0-9]+)?)$"))
            {
                result.AddError($"--device {result.GetValueOrDefault<string>()} is not one of auto, cpu, cuda, cuda:N");
            }
        });
        return option;
    }

    public static Option<string> Precision() => new Option<string>("--precision")
    {
        Description = "Type of a published checkpoint's weights in memory: auto (bfloat16 on CUDA, float32 on a CPU), float32, bfloat16 or float16.",
        DefaultValueFactory = _ => "auto",
    }.AcceptOnlyFromAmong("auto", "float32", "bfloat16", "float16");

    /// <summary>Opens a checkpoint; a file that is not there is an error in one line.</summary>
    public static CheckpointCaptioner Load(CheckpointOptions options)
    {
        try
        {
            return CheckpointCaptioner.Load(options);
        }
        catch (FileNotFoundException e)
        {
            throw new StreamsException(e.Message, "`streams captioner load --help` names the files");
        }
    }

    /// <summary>The frames of a video that the model samples, already at its size: memory does not grow with the length of the file.</summary>
    public static async Task<VideoContent> ReadVideoAsync(CheckpointCaptioner captioner, string path, CancellationToken ct)
    {
        var video = await VideoFile.OpenAsync(path, ct);
        var indices = captioner.SampleFrames(video.Frames, video.FramesPerSecond);
        var frames = new List<RgbFrame>();
        await foreach (var frame in video.ReadAsync(indices, ct))
        {
            frames.Add(captioner.Shrink(frame));
        }

        // A file may end sooner than it says.
        return new VideoContent(frames, [.. indices.Take(frames.Count).Select(index => index / video.FramesPerSecond)], video.Duration);
    }
}

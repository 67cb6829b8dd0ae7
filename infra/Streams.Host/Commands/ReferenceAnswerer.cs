using System.Text.Json;
using Streams.Host.Cli;
using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning.Evaluation.Quality;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;

namespace Streams.Host.Commands;

/// <summary>Answers the lines of a reference file with a model folder of either kind: a published checkpoint, or one trained here.</summary>
internal sealed class ReferenceAnswerer : IAsyncDisposable
{
    private const string DefaultPrompt = "Describe what you see.";
    private readonly CheckpointCaptioner? _checkpoint;
    private readonly TorchCaptioner? _trained;
    private readonly int _maxNewTokens;

    private ReferenceAnswerer(CheckpointCaptioner? checkpoint, TorchCaptioner? trained, int maxNewTokens) =>
        (_checkpoint, _trained, _maxNewTokens) = (checkpoint, trained, maxNewTokens);

    public static async Task<ReferenceAnswerer> LoadAsync(string folder, string device, string precision, int maxNewTokens) => IsPublished(folder)
        ? new ReferenceAnswerer(CaptionerMedia.Load(new CheckpointOptions { Directory = folder, Device = device, Precision = precision }), null, maxNewTokens)
        : new ReferenceAnswerer(null, await TorchCaptioner.LoadAsync(new CaptionerOptions { ModelDirectory = folder, Device = device }), maxNewTokens);

    public async Task<string> AnswerAsync(EvaluationReference reference, string mediaFolder, CancellationToken ct)
    {
        var images = reference.Images.Select(path => Path.Combine(mediaFolder, path));
        var video = reference.Video is null ? null : Path.Combine(mediaFolder, reference.Video);
        if (_trained is not null)
        {
            var clip = video is null ? [.. images.Select(ImageFile.Read)] : await ReadClipAsync(video, _trained.Model.FramesPerClip, ct);
            return clip.Count > 0
                ? (await _trained.CaptionAsync(clip, ct)).Text
                : throw new StreamsException($"Reference \"{reference.Id}\" has neither images nor a video", "this model answers only about pictures");
        }

        List<ChatContent> contents = [.. images.Select(path => new ImageContent(ImageFile.Read(path)))];
        if (video is not null)
        {
            contents.Add(await CaptionerMedia.ReadVideoAsync(_checkpoint!, video, ct));
        }

        contents.Add(new TextContent(reference.Prompt ?? DefaultPrompt));
        return _checkpoint!.Answer([new ChatMessage(ChatMessage.User, contents)], _maxNewTokens, ct).Text;
    }

    public async ValueTask DisposeAsync()
    {
        _checkpoint?.Dispose();
        if (_trained is not null)
        {
            await _trained.DisposeAsync();
        }
    }

    private static async Task<List<RgbFrame>> ReadClipAsync(string path, int frames, CancellationToken ct)
    {
        var file = await VideoFile.OpenAsync(path, ct);
        var clip = new List<RgbFrame>();
        await foreach (var frame in file.ReadAsync(FrameSampling.Uniform(file.Frames, frames), ct))
        {
            clip.Add(frame);
        }

        return clip;
    }

    // Published folders name their class; ours name themselves.
    private static bool IsPublished(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.TryGetProperty("model_type", out _);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new StreamsException($"{path} cannot be read: {e.Message}", "give a model folder");
        }
    }
}

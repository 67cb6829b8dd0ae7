using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A published checkpoint as the captioner of cameras.</summary>
internal sealed class CheckpointSession : ICaptionSession
{
    private readonly CheckpointCaptioner _captioner;
    private readonly CaptionerOptions _options;

    public CheckpointSession(CaptionerOptions options)
    {
        _options = options;
        _captioner = CheckpointCaptioner.Load(new CheckpointOptions { Directory = options.ModelDirectory, Device = options.Device, Precision = options.Precision });
        var report = _captioner.Report;
        Info = new CaptionerModelInfo(
            $"{report.ModelType} {Path.GetFileName(Path.TrimEndingDirectorySeparator(options.ModelDirectory))}",
            report.Parts.Sum(part => part.Parameters),
            _captioner.MaxVideoFrames,
            report.ImageSize,
            report.Device);
    }

    public CaptionerModelInfo Info { get; }

    public ClipInput Prepare(IReadOnlyList<RgbFrame> clip)
    {
        // Times come with the frames. Clips are short: all frames are shown, as far as the model takes so many.
        var chosen = FrameSampling.Uniform(clip.Count, Info.FramesPerClip);
        var seconds = clip.Select(frame => Math.Max(0, (frame.CaptureTime - clip[0].CaptureTime).TotalSeconds)).ToList();
        return new Clip(new VideoContent([.. chosen.Select(i => _captioner.Shrink(clip[i]))], [.. chosen.Select(i => seconds[i])], seconds[^1]));
    }

    // One at a time: products round by their shape, and a caption must not depend on what else is captioned.
    public IReadOnlyList<GeneratedCaption> Caption(IReadOnlyList<ClipInput> clips) => [.. clips.Cast<Clip>().Select(clip =>
    {
        var answer = _captioner.Answer([new ChatMessage(ChatMessage.User, [clip.Video, new TextContent(_options.Prompt)])], _options.MaxNewTokens);
        return new GeneratedCaption(answer.Text, answer.Confidence, Info.Name);
    })];

    public void Dispose() => _captioner.Dispose();

    private sealed record Clip(VideoContent Video) : ClipInput;
}

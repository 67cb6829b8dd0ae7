using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Prompting;
using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A published checkpoint as the captioner of cameras.</summary>
internal sealed class CheckpointSession : ICaptionSession
{
    private readonly CheckpointCaptioner _captioner;
    private readonly CaptionerOptions _options;

    public CheckpointSession(CaptionerOptions options, Device device)
    {
        _options = options;
        var checkpoint = new CheckpointOptions { Directory = options.ModelDirectory, Device = device.ToString(), Precision = options.Precision, CudaKernels = options.CudaKernels };
        _captioner = CheckpointCaptioner.Load(checkpoint);
        var (report, session) = (_captioner.Report, _captioner.Session);
        Info = new CaptionerModelInfo(
            $"{report.ModelType} {Path.GetFileName(Path.TrimEndingDirectorySeparator(options.ModelDirectory))}",
            report.Parts.Sum(part => part.Parameters),
            _captioner.MaxVideoFrames,
            report.ImageSize,
            report.Device);
        Served = new ServedModel
        {
            Name = Info.Name,
            Model = session.Model,
            Text = session.Config.Text,
            ImageTokenId = session.Config.ImageTokenId,
            EndTokenIds = [.. session.Config.EndTokenIds],
            Pixels = frames => session.Pixels.Normalize(frames, session.Type),
            ImageSize = report.ImageSize,
            Device = session.Device,
            Type = session.Type,
            SlotTokens = Math.Min(options.ContextTokens, report.ContextLength),
            // One image of this size fills a CPU; a GPU wants many, of a clip or of several.
            EncodeSizes = session.Device.type == DeviceType.CPU ? [1] : [8, .. new[] { 16, 32, 64 }.Where(size => size <= 8 * options.BatchSize)],
            PromptMultiple = session.Device.type == DeviceType.CPU ? null : 64,
            Deterministic = options.Deterministic,
            Graphs = options.CudaGraphs && session.Device.type == DeviceType.CUDA,
        };
    }

    public CaptionerModelInfo Info { get; }

    public ServedModel Served { get; }

    public int MaxNewTokens => _options.MaxNewTokens;

    public (IReadOnlyList<long> Ids, IReadOnlyList<RgbFrame> Images) Prepare(IReadOnlyList<RgbFrame> clip)
    {
        // Times come with the frames. Clips are short: all frames are shown, as far as the model takes so many.
        var chosen = FrameSampling.Uniform(clip.Count, Info.FramesPerClip);
        var seconds = clip.Select(frame => Math.Max(0, (frame.CaptureTime - clip[0].CaptureTime).TotalSeconds)).ToList();
        var video = new VideoContent([.. chosen.Select(i => _captioner.Shrink(clip[i]))], [.. chosen.Select(i => seconds[i])], seconds[^1]);
        var (ids, tiles) = _captioner.Session.Tokenize([new ChatMessage(ChatMessage.User, [video, new TextContent(_options.Prompt)])], _options.MaxNewTokens);
        return ([.. ids.Select(id => (long)id)], tiles);
    }

    public GeneratedCaption Describe(IReadOnlyList<(int Id, double LogProbability)> tokens) =>
        GeneratedCaption.From(_captioner.Session.Tokenizer.Decode(tokens.Select(token => token.Id), skipSpecial: true).Trim(), tokens, Info.Name);

    public void Dispose() => _captioner.Dispose();
}

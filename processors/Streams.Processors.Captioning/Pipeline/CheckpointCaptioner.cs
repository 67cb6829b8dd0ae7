using System.Text.RegularExpressions;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families.SmolVlm;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Prompting;
using Streams.Processors.Captioning.Tokenization;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A published checkpoint of SmolVLM, SmolVLM2 or Idefics3, answering about pictures and clips. One call at a time.</summary>
public sealed partial class CheckpointCaptioner : IDisposable
{
    private const int ConfidenceDigits = 6;

    private CheckpointCaptioner(SmolVlmSession session, CheckpointReport report)
    {
        Session = session;
        Report = report;
    }

    /// <summary>What was loaded.</summary>
    public CheckpointReport Report { get; }

    internal SmolVlmSession Session { get; }

    /// <summary>Loads a folder.</summary>
    /// <exception cref="CheckpointException">Tensors are missing, left over, of another shape, or not finite.</exception>
    /// <exception cref="ModelConfigException">A configuration cannot be built.</exception>
    /// <exception cref="TokenizerException">The tokenizer cannot be read or is of another vocabulary.</exception>
    /// <exception cref="DeviceNotAvailableException">The device is not there.</exception>
    /// <exception cref="FileNotFoundException">A file of the folder is missing.</exception>
    public static CheckpointCaptioner Load(CheckpointOptions options)
    {
        var device = TorchDevice.Resolve(options.Device);
        var type = Precision(options.Precision, device);
        using var shards = CheckpointShards.Open(options.Directory);
        var session = SmolVlmSession.Load(options.Directory, shards, device, type, options.CudaKernels);
        return new CheckpointCaptioner(session, CreateReport(session, shards, device, type));
    }

    /// <summary>Answers a conversation.</summary>
    /// <param name="conversation">What was said and shown; the answer follows.</param>
    /// <param name="maxNewTokens">Longest answer.</param>
    /// <param name="cancellation">Gives up between tokens and between pictures.</param>
    /// <exception cref="PromptTooLongException">It does not fit the context.</exception>
    public CheckpointAnswer Answer(IReadOnlyList<ChatMessage> conversation, int maxNewTokens = 64, CancellationToken cancellation = default) =>
        AnswerAll([conversation], maxNewTokens, cancellation)[0];

    /// <summary>Answers conversations in one batch; each gets the answer that it would get alone, but for rounding.</summary>
    /// <exception cref="PromptTooLongException">One does not fit the context.</exception>
    public IReadOnlyList<CheckpointAnswer> AnswerAll(IReadOnlyList<IReadOnlyList<ChatMessage>> conversations, int maxNewTokens = 64, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(conversations.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNewTokens, 1);
        return [.. Session.Generate(conversations, maxNewTokens, cancellation).Select(ToAnswer)];
    }

    /// <summary>Frames of a video that the model looks at, at most.</summary>
    public int MaxVideoFrames => Session.Config.Images.MaxVideoFrames;

    /// <summary>The frames of a video that the model wants to see, by index.</summary>
    public IReadOnlyList<int> SampleFrames(int totalFrames, double framesPerSecond) =>
        FrameSampling.Smol(totalFrames, framesPerSecond, MaxVideoFrames, Session.Config.Images.VideoFramesPerSecond);

    /// <summary>A frame of a video at the size that the model works from: all of it that needs to be held.</summary>
    public RgbFrame Shrink(RgbFrame frame) => SmolVlmImages.Shrink(frame, Session.Config.Images);

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    internal CheckpointAnswer ToAnswer((int Id, double LogProbability)[] output) => new(
        Session.Tokenizer.Decode(output.Select(token => token.Id), skipSpecial: true).Trim(),
        [.. output.Select(token => token.Id)],
        Math.Round(Math.Exp(output.Average(token => token.LogProbability)), ConfidenceDigits),
        Session.Config.EndTokenIds.Contains(output[^1].Id));

    private static ScalarType Precision(string name, Device device) => name switch
    {
        "auto" => device.type == TorchSharp.DeviceType.CUDA ? ScalarType.BFloat16 : ScalarType.Float32,
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        "float16" => ScalarType.Float16,
        _ => throw new ArgumentException($"Precision \"{name}\" is not one of auto, float32, bfloat16, float16", nameof(name)),
    };

    private static CheckpointReport CreateReport(SmolVlmSession session, CheckpointShards shards, Device device, ScalarType type)
    {
        var parts = session.Model.named_parameters()
            .Select(entry => (Name: LayerNumber().Replace(ParameterNames.SmolVlm.InFile(entry.name), ".*."), entry.parameter.shape))
            .GroupBy(entry => (entry.Name, Shape: string.Join(',', entry.shape)))
            .Select(group => new CheckpointPart(group.Key.Name, group.First().shape, group.Count(), group.Count() * group.First().shape.Aggregate(1L, (product, size) => product * size)))
            .ToList();
        return new CheckpointReport(
            session.Config.ModelType,
            device.ToString(),
            $"{type}",
            [.. shards.Files.Select(file => (Path.GetFileName(file.Path), new FileInfo(file.Path).Length))],
            parts,
            session.Config.Vision.ImageSize,
            session.Config.Connector.NumQueryTokens,
            session.Config.Text.VocabSize,
            session.Config.Text.MaxPositionEmbeddings);
    }

    [GeneratedRegex(@"\.\d+\.")]
    private static partial Regex LayerNumber();
}

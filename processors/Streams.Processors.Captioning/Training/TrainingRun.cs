using System.Diagnostics;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Tokenization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Training;

/// <summary>A model in training. Belongs to one thread.</summary>
internal sealed class TrainingRun : IDisposable
{
    private const int FramesWithGradient = 2;
    private const int ReportEverySteps = 50;

    // Each stage draws its own scenes, far from those of the others.
    private const long ScenesOfAStage = 1L << 32;

    private static readonly Scalar PatchWeightInImages = Scalars.Of(0.3);
    private static readonly Scalar PatchWeightInClips = Scalars.Of(0.1);
    private static readonly Scalar MotionWeight = Scalars.Of(0.5);
    private readonly CaptionerTrainingOptions _options;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly WordTokenizer _tokenizer;
    private readonly CaptionerConfig _config;
    private readonly VisionLanguageModel _model;
    private readonly AuxiliaryHeads _heads;
    private readonly ClipTensors _tensors;
    private readonly CaptionLoss _captions;
    private readonly TrainingBatches _batches;
    private readonly ulong _seed;

    public TrainingRun(CaptionerTrainingOptions options, IClipCodec codec, IProgress<TrainingProgress>? progress)
    {
        (_options, _progress, _seed) = (options, progress, (uint)options.Seed);
        manual_seed(options.Seed);
        _tokenizer = options.StartFrom is null ? TinyModel.CreateTokenizer() : ModelFolder.ReadTokenizer(options.StartFrom);
        _config = options.StartFrom is null
            ? TinyModel.CreateConfig(_tokenizer, options.ModelVersion)
            : ModelFolder.ReadConfig(options.StartFrom) with { Version = options.ModelVersion };
        _model = options.StartFrom is null
            ? new VisionLanguageModel(_config.VisionConfig, _config.ConnectorConfig, _config.TextConfig, LayerFactory.ForTraining)
            : ModelFolder.ReadModel(options.StartFrom, _config);
        _heads = new AuxiliaryHeads(_config);
        _tensors = new ClipTensors(_config, CPU);
        _captions = new CaptionLoss(_model, _config, _tokenizer, _tensors);
        _batches = new TrainingBatches(_seed, _config.VisionConfig.ImageSize, _config.VisionConfig.GridSize, options.RecolouredShare, options.ReshapedShare, codec);
    }

    private IReadOnlyList<TrainingStage> Curriculum =>
    [
        new("vision", _options.VisionSteps, _options.ImageRate, [.. _model.Vision.parameters(), .. _heads.parameters()], from => Images(0, from, _options.VisionSteps, loseColours: true), PatchLoss),
        new("image", _options.ImageSteps, _options.ImageRate, AllParameters(), from => Images(1, from, _options.ImageSteps, loseColours: false), ImageLoss),
        new("clip", _options.ClipSteps, _options.ClipRate, AllParameters(), from => ClipsAndImages(2, from, _options.ClipSteps), MixedLoss),
    ];

    /// <summary>All stages, or what is left of them after a checkpoint.</summary>
    public void Train(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_options.OutputDirectory);
        var start = _options.Resume ? TrainingCheckpoint.Read(_options.OutputDirectory, _options) : new TrainingCheckpoint(_options.Identity, 0, 0, 0);
        if (_options.Resume)
        {
            TrainingCheckpoint.ReadWeights(_options.OutputDirectory, Weights());
        }

        var log = TrainingLog.Open(_options.OutputDirectory, start.LogLines);
        var curriculum = Curriculum;
        for (var index = start.Stage; index < curriculum.Count; index++)
        {
            Train(curriculum[index], index, index == start.Stage ? start.Step : 0, log, cancellationToken);
        }

        TrainingCheckpoint.Remove(_options.OutputDirectory);
        ModelFolder.Write(_options.OutputDirectory, _config, _tokenizer, _model);
    }

    public void Dispose()
    {
        _model.Dispose();
        _heads.Dispose();
    }

    private void Train(TrainingStage stage, int index, int from, TrainingLog log, CancellationToken cancellationToken)
    {
        using var optimizer = new AdamW(stage.Parameters);
        if (from > 0)
        {
            TrainingCheckpoint.ReadOptimizer(_options.OutputDirectory, optimizer, from);
        }

        using var queue = new BatchQueue(stage.Batches(from * _options.AccumulationBatches), cancellationToken);
        var (losses, measures, measured, steps, clock) = (0.0, 0.0, 0, 0, Stopwatch.StartNew());
        for (var step = from; step < stage.Steps; step++)
        {
            var (loss, measure) = stage.Step(optimizer, queue, _seed, step, _options.AccumulationBatches, cancellationToken);
            (losses, measures, measured, steps) = (losses + loss, measures + (measure ?? 0), measured + (measure is null ? 0 : 1), steps + 1);
            var done = step + 1;
            var save = done < stage.Steps && done % _options.SaveEverySteps == 0;
            if (save || done % ReportEverySteps == 0 || done == stage.Steps)
            {
                var report = new TrainingProgress(
                    stage.Name, done, stage.Steps, losses / steps, stage.Rate(step), steps / clock.Elapsed.TotalSeconds, measured == 0 ? null : measures / measured);
                log.Add(report);
                _progress?.Report(report);
                (losses, measures, measured, steps) = (0, 0, 0, 0);
                clock.Restart();
            }

            if (save)
            {
                new TrainingCheckpoint(_options.Identity, index, done, log.Lines).Write(_options.OutputDirectory, Weights(), optimizer);
            }
        }
    }

    private IEnumerable<TrainingBatch> Images(int stage, int from, int steps, bool loseColours) =>
        Enumerable.Range(from, (steps * _options.AccumulationBatches) - from).Select(number => Images(stage, number, loseColours));

    private TrainingBatch Images(int stage, int number, bool loseColours) =>
        _batches.Images((stage * ScenesOfAStage) + ((long)number * _options.ImagesPerStep), _options.ImagesPerStep, loseColours);

    // By chunks of the numbers, wherever it starts, so that a resumed training films the same clips together.
    private IEnumerable<TrainingBatch> ClipsAndImages(int stage, int from, int steps)
    {
        var all = steps * _options.AccumulationBatches;
        for (var first = from / TrainingBatches.Chunk * TrainingBatches.Chunk; first < all; first += TrainingBatches.Chunk)
        {
            var numbers = Enumerable.Range(first, Math.Min(TrainingBatches.Chunk, all - first)).ToList();
            var clips = numbers.Where(number => !IsImages(number)).ToList();
            var films = new Queue<TrainingBatch>(_batches.Clips(stage * ScenesOfAStage, clips, _options.ClipsPerStep, CancellationToken.None));
            foreach (var number in numbers)
            {
                var batch = IsImages(number) ? Images(stage + 1, number, loseColours: false) : films.Dequeue();
                if (number >= from)
                {
                    yield return batch;
                }
            }
        }
    }

    private bool IsImages(int number) => new SceneRandom(~_seed, number).Chance(_options.ImageShare);

    private StageLoss PatchLoss(TrainingBatch batch, SceneRandom random)
    {
        var (patches, accuracy) = _heads.Patches(Features(batch), batch.Labels);
        return new StageLoss(patches, patches, accuracy);
    }

    private StageLoss ImageLoss(TrainingBatch batch, SceneRandom random)
    {
        var features = Features(batch);
        var (patches, accuracy) = _heads.Patches(features, batch.Labels);
        var captions = _captions.Compute(features, 1, batch.Captions, random).Loss;
        return new StageLoss(captions.Plus(patches * PatchWeightInImages), captions, accuracy);
    }

    // Gradients go through the encoder for a few frames of each clip only (Cheng et al., "Stochastic Backpropagation", CVPR 2022): frames are
    // alike, and the encoder's way back costs more than all of the rest.
    private StageLoss ClipLoss(TrainingBatch batch, SceneRandom random)
    {
        var pixels = _tensors.Pixels(batch.Pixels);
        pixels = pixels.view(-1, batch.Frames, pixels.size(1), pixels.size(2), pixels.size(3));
        var frames = Enumerable.Range(0, batch.Frames).Select(frame => (long)frame).ToArray();
        for (var i = 0; i < FramesWithGradient; i++)
        {
            var other = i + random.Below(frames.Length - i);
            (frames[i], frames[other]) = (frames[other], frames[i]);
        }

        Tensor Encode(long[] some)
        {
            var features = _model.Vision.PatchFeatures(pixels.index_select(1, tensor(some)).flatten(0, 1));
            return features.view(-1, some.Length, features.size(1), features.size(2));
        }

        var kept = Encode(frames[..FramesWithGradient]);
        Tensor rest;
        using (no_grad())
        {
            rest = Encode(frames[FramesWithGradient..]);
        }

        var order = tensor(Enumerable.Range(0, frames.Length).Select(frame => (long)Array.IndexOf(frames, (long)frame)).ToArray());
        var all = cat([kept, rest], 1).index_select(1, order).flatten(0, 1);
        var (patches, accuracy) = _heads.Patches(kept.flatten(0, 1), batch.Labels.Keep(batch.Frames, [.. frames[..FramesWithGradient].Select(frame => (int)frame)]));
        var (captions, state) = _captions.Compute(all, batch.Frames, batch.Captions, random);
        return new StageLoss(captions.Plus(_heads.Motions(state, batch.Scenes, batch.HasColours) * MotionWeight).Plus(patches * PatchWeightInClips), captions, accuracy);
    }

    private StageLoss MixedLoss(TrainingBatch batch, SceneRandom random) => batch.Frames == 1 ? ImageLoss(batch, random) : ClipLoss(batch, random);

    private Tensor Features(TrainingBatch batch) => _model.Vision.PatchFeatures(_tensors.Pixels(batch.Pixels));

    private IReadOnlyList<Parameter> AllParameters() => [.. _model.parameters(), .. _heads.parameters()];

    private IEnumerable<(string Name, Tensor Tensor)> Weights() =>
        _model.named_parameters().Select(entry => ("model." + entry.name, (Tensor)entry.parameter))
            .Concat(_heads.named_parameters().Select(entry => ("heads." + entry.name, (Tensor)entry.parameter)));
}

using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Tokenization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Training;

/// <summary>A model in training. Belongs to one thread.</summary>
internal sealed class TrainingRun : IDisposable
{
    private const double VisionRate = 2e-3;
    private const double ImageRate = 2e-3;
    private const double PatchWeightInImages = 0.3;
    private const double PatchWeightInClips = 0.1;
    private const double MotionWeight = 0.5;
    private const int SaveEverySteps = 1000;

    // Each stage draws its own scenes, far from those of the others.
    private const long ImageScenes = 1L << 32;
    private const long ClipSceneIndex = 1L << 33;

    private readonly CaptionerTrainingOptions _options;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly WordTokenizer _tokenizer;
    private readonly CaptionerConfig _config;
    private readonly VisionLanguageModel _model;
    private readonly AuxiliaryHeads _heads;
    private readonly ClipTensors _tensors;
    private readonly CaptionLoss _captions;
    private readonly TrainingBatches _batches;

    public TrainingRun(CaptionerTrainingOptions options, IProgress<TrainingProgress>? progress)
    {
        (_options, _progress) = (options, progress);
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
        _batches = new TrainingBatches((uint)options.Seed, _config.VisionConfig.ImageSize, _config.VisionConfig.GridSize, effects: true);
    }

    /// <summary>The encoder alone, on what each patch shows.</summary>
    public void TrainVision(CancellationToken cancellationToken) =>
        new TrainingStage("vision", _options.VisionSteps, _options.ImagesPerStep, VisionRate).Run(
            [.. _model.Vision.parameters(), .. _heads.parameters()],
            step =>
            {
                var batch = _batches.Images((long)step * _options.ImagesPerStep, _options.ImagesPerStep);
                return _heads.Patches(Features(batch), batch.Labels);
            },
            _progress,
            cancellationToken);

    /// <summary>The whole model on still pictures: what is where.</summary>
    public void TrainImages(CancellationToken cancellationToken) =>
        new TrainingStage("image", _options.ImageSteps, _options.ImagesPerStep, ImageRate).Run(
            AllParameters(),
            step =>
            {
                var batch = _batches.Images(ImageScenes + ((long)step * _options.ImagesPerStep), _options.ImagesPerStep);
                var features = Features(batch);
                var (patches, accuracy) = _heads.Patches(features, batch.Labels);
                return (_captions.Compute(features, 1, batch.Captions).Loss + (PatchWeightInImages * patches), accuracy);
            },
            _progress,
            cancellationToken);

    /// <summary>The whole model on clips: what happens.</summary>
    public void TrainClips(CancellationToken cancellationToken) =>
        new TrainingStage("clip", _options.ClipSteps, _options.ClipsPerStep, _options.ClipRate).Run(
            AllParameters(),
            step =>
            {
                if (step > 0 && step % SaveEverySteps == 0)
                {
                    Save(_options.OutputDirectory); // an interrupted run can be gone on with, by StartFrom
                }

                var batch = _batches.Clips(ClipSceneIndex + ((long)step * _options.ClipsPerStep), _options.ClipsPerStep);
                var features = Features(batch);
                var (patches, _) = _heads.Patches(features, batch.Labels);
                var (loss, state) = _captions.Compute(features, ClipScene.Ticks, batch.Captions);
                var motions = _heads.Motions(state, batch.Scenes);
                return (loss + (MotionWeight * motions) + (PatchWeightInClips * patches), loss.detach());
            },
            _progress,
            cancellationToken);

    public void Save(string folder) => ModelFolder.Write(folder, _config, _tokenizer, _model);

    public CaptionerMetrics Evaluate(CancellationToken cancellationToken) => ClipEvaluation.Run(
        new CaptionGenerator(_model, _config, _tokenizer, CPU), _config.VisionConfig.ImageSize, _options.EvaluationClips, cancellationToken);

    public void Dispose()
    {
        _model.Dispose();
        _heads.Dispose();
    }

    private Tensor Features(TrainingBatch batch) => _model.Vision.PatchFeatures(_tensors.Pixels(batch.Pixels));

    private IReadOnlyList<Parameter> AllParameters() => [.. _model.parameters(), .. _heads.parameters()];
}

using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Graphs;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Training;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner train</c>: the project's own model from rendered scenes.</summary>
internal static class CaptionerTrainCommand
{
    private const int Interrupted = 130;

    public static Command Create()
    {
        var defaults = new CaptionerTrainingOptions { OutputDirectory = "" };
        Option<T> Number<T>(string name, string description, Func<CaptionerTrainingOptions, T> value) => new(name) { Description = description, DefaultValueFactory = _ => value(defaults) };

        var output = new Option<DirectoryInfo>("--output") { Description = "Folder to write the model to.", Required = true };
        var from = new Option<DirectoryInfo?>("--from") { Description = "Model folder to go on from." };
        var resume = new Option<bool>("--resume") { Description = "Go on with the interrupted training in the folder; the model becomes the same to the last bit." };
        var version = Number("--model-version", "Version that the model's captions carry.", options => options.ModelVersion);
        var seed = Number("--seed", "Seed of weights and scenes.", options => options.Seed);
        var vision = Number("--vision-steps", "Steps of the encoder on what each patch shows.", options => options.VisionSteps);
        var images = Number("--image-steps", "Steps on captions of still pictures with places.", options => options.ImageSteps);
        var clips = Number("--clip-steps", "Steps on clips.", options => options.ClipSteps);
        var pictureBatch = Number("--images-per-batch", "Pictures in a batch of stills.", options => options.ImagesPerStep);
        var clipBatch = Number("--clips-per-batch", "Clips in a batch of clips.", options => options.ClipsPerStep);
        var share = Number("--image-share", "Share of the last stage's batches that are stills.", options => options.ImageShare);
        var recoloured = Number("--recoloured-share", "Share of the scenes with one description whose colour has no name, so that shapes are learned apart from colours.", options => options.RecolouredShare);
        var reshaped = Number("--reshaped-share", "Share of the scenes with one description whose shape has no name, so that colours are learned apart from shapes.", options => options.ReshapedShare);
        var accumulate = Number("--accumulate", "Batches whose gradients are added up for a step.", options => options.AccumulationBatches);
        var imageRate = Number("--image-rate", "Highest learning rate of the first two stages; it warms up and falls as a cosine.", options => options.ImageRate);
        var clipRate = Number("--clip-rate", "Highest learning rate of the clip stage.", options => options.ClipRate);
        var save = Number("--save-every", "Steps from one saved state to the next.", options => options.SaveEverySteps);
        var evaluate = Number("--evaluation-clips", "Clips in each set of the final evaluation.", options => options.EvaluationClips);
        var command = new Command("train", """
            Train the captioner from rendered scenes, on one core of a CPU.

            The curriculum: what each patch of a picture shows; captions of still pictures with places; captions of clips, every eighth
            batch of them filmed, encoded as H.264 and decoded. OUTPUT/training.csv has the loss curve, OUTPUT/metrics.json what the model
            can do. Ctrl-C keeps the last saved state for --resume.

            Examples:
              streams captioner train --output model
              streams captioner train --output model --resume
              streams captioner train --output better --from model --seed 2 --vision-steps 0 --image-steps 0 --clip-rate 5e-4
            """)
        {
            output, from, resume, version, seed, vision, images, clips, pictureBatch, clipBatch, share, recoloured, reshaped, accumulate, imageRate, clipRate, save, evaluate,
        };
        var json = new Option<bool>("--json") { Description = "The metrics as one JSON object, for programs." };
        command.Options.Add(json);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(json),
            new CaptionerTrainingOptions
            {
                OutputDirectory = parsed.GetValue(output)!.FullName,
                StartFrom = parsed.GetValue(from)?.FullName,
                Resume = parsed.GetValue(resume),
                ModelVersion = parsed.GetValue(version)!,
                Seed = parsed.GetValue(seed),
                VisionSteps = parsed.GetValue(vision),
                ImageSteps = parsed.GetValue(images),
                ClipSteps = parsed.GetValue(clips),
                ImagesPerStep = parsed.GetValue(pictureBatch),
                ClipsPerStep = parsed.GetValue(clipBatch),
                ImageShare = parsed.GetValue(share),
                RecolouredShare = parsed.GetValue(recoloured),
                ReshapedShare = parsed.GetValue(reshaped),
                AccumulationBatches = parsed.GetValue(accumulate),
                ImageRate = parsed.GetValue(imageRate),
                ClipRate = parsed.GetValue(clipRate),
                SaveEverySteps = parsed.GetValue(save),
                EvaluationClips = parsed.GetValue(evaluate),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool json, CaptionerTrainingOptions options, CancellationToken cancellation)
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
        {
            throw new StreamsException(string.Join("; ", problems.Select(problem => problem.ErrorMessage)), "`streams captioner train --help` has the defaults");
        }

        var curve = new List<TrainingProgress>();
        try
        {
            var metrics = await Bars.Create().StartAsync(context => CaptionerTrainer.TrainAsync(options, new H264ClipCodec(), new StageBars(context, curve), cancellation));
            if (json)
            {
                CaptionerEvalCommand.PrintJson(metrics);
                return 0;
            }

            LossCurve.Print(curve);
            CaptionerEvalCommand.Print(metrics);
        }
        catch (OperationCanceledException)
        {
            LossCurve.Print(curve);
            AnsiConsole.MarkupLineInterpolated($"Interrupted. The state of the last {options.SaveEverySteps} steps at most is lost: go on with the same command and [bold]--resume[/].");
            return Interrupted;
        }
        catch (CheckpointException e)
        {
            throw new StreamsException(e.Message, "`streams captioner train --help` says how");
        }

        AnsiConsole.MarkupLineInterpolated($"Model written to [bold]{options.OutputDirectory}[/]. Use it with --set Streams:Captioner:ModelDirectory={options.OutputDirectory}");
        return 0;
    }

    // A bar for each stage, made when its first report comes.
    private sealed class StageBars(ProgressContext context, List<TrainingProgress> curve) : IProgress<TrainingProgress>
    {
        private readonly Dictionary<string, ProgressTask> _bars = [];

        public void Report(TrainingProgress value)
        {
            curve.Add(value);
            if (!_bars.TryGetValue(value.Stage, out var bar))
            {
                _bars[value.Stage] = bar = context.AddTask(value.Stage, maxValue: Math.Max(1, value.Steps));
            }

            bar.Value = value.Step;
            bar.Description = $"{value.Stage,-7} loss {value.Loss:0.000}, shapes {value.Measure:0.000}, {value.StepsPerSecond:0.0} steps/s";
        }
    }
}

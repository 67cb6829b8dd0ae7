using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Training;

/// <summary>A part of the curriculum: AdamW with a short warm-up and a cosine decay over a fixed number of steps.</summary>
/// <param name="Name">Name in reports.</param>
/// <param name="Steps">Steps to take.</param>
/// <param name="PeakRate">Highest learning rate.</param>
/// <param name="Parameters">What is trained.</param>
/// <param name="Batches">The batches from that number on.</param>
/// <param name="Loss">Loss of a batch, the part of it that is reported, and a measure where there is one; the number seeds what is random.</param>
internal sealed record TrainingStage(
    string Name,
    int Steps,
    double PeakRate,
    IReadOnlyList<Parameter> Parameters,
    Func<int, IEnumerable<TrainingBatch>> Batches,
    Func<TrainingBatch, SceneRandom, StageLoss> Loss)
{
    private const double FloorShare = 0.03;
    private const double WarmUpShare = 0.04;
    private const double LargestGradient = 1.0;

    /// <summary>A step on <paramref name="accumulate"/> batches, the first with number <paramref name="step"/> * <paramref name="accumulate"/>.</summary>
    public (double Reported, double? Measure) Step(AdamW optimizer, BatchQueue queue, ulong seed, int step, int accumulate, CancellationToken cancellationToken)
    {
        optimizer.ZeroGradients();
        var (reported, measure) = (0.0, (double?)null);
        for (var i = 0; i < accumulate; i++)
        {
            using var scope = NewDisposeScope();
            var loss = Loss(queue.Take(cancellationToken), new SceneRandom(seed, ((long)step * accumulate) + i));
            (loss.Value / Scalars.Of(accumulate)).backward();
            reported += loss.Reported.item<float>() / accumulate;
            measure = loss.Measure is { } value ? (measure ?? 0) + (value.item<float>() / accumulate) : measure;
        }

        nn.utils.clip_grad_norm_(Parameters, LargestGradient);
        optimizer.Step(Rate(step));
        return (reported, measure);
    }

    /// <summary>The learning rate at <paramref name="step"/>.</summary>
    public double Rate(int step)
    {
        var warmUp = Math.Max(1, Steps * WarmUpShare);
        if (step < warmUp)
        {
            return PeakRate * (step + 1) / (warmUp + 1);
        }

        var share = (step - warmUp) / Math.Max(1, Steps - warmUp);
        return PeakRate * (FloorShare + ((1 - FloorShare) * 0.5 * (1 + Math.Cos(Math.PI * share))));
    }
}

/// <param name="Value">What is minimised.</param>
/// <param name="Reported">The part of it that reports show.</param>
/// <param name="Measure">Share of something right, or null.</param>
internal readonly record struct StageLoss(Tensor Value, Tensor Reported, Tensor? Measure);

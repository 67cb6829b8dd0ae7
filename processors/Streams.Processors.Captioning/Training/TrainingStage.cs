using System.Diagnostics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Training;

/// <summary>AdamW with a short warm-up and a cosine decay over a fixed number of steps.</summary>
/// <param name="Name">Name in reports.</param>
/// <param name="Steps">Steps to take.</param>
/// <param name="SamplesPerStep">Pictures or clips a step.</param>
/// <param name="PeakRate">Highest learning rate.</param>
internal sealed record TrainingStage(string Name, int Steps, int SamplesPerStep, double PeakRate)
{
    private const double FloorShare = 0.03;
    private const double WarmUpShare = 0.04;
    private const double WeightDecay = 0.02;
    private const double LargestGradient = 1.0;
    private const int ReportEvery = 50;

    /// <summary>Runs the stage; <paramref name="loss"/> gets the step and gives the loss, and a measure where there is one.</summary>
    public void Run(
        IReadOnlyList<Parameter> parameters,
        Func<int, (Tensor Loss, Tensor? Measure)> loss,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var optimizer = optim.AdamW(parameters, lr: PeakRate, beta2: 0.98, weight_decay: WeightDecay);
        var (lossSum, measureSum, count) = (0.0, 0.0, 0);
        var hasMeasure = false;
        var clock = Stopwatch.StartNew();
        for (var step = 0; step < Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = Rate(step);
            }

            var (value, measure) = loss(step);
            optimizer.zero_grad();
            value.backward();
            nn.utils.clip_grad_norm_(parameters, LargestGradient);
            optimizer.step();

            lossSum += value.item<float>();
            hasMeasure = measure is not null;
            measureSum += measure?.item<float>() ?? 0;
            count++;
            if ((step + 1) % ReportEvery == 0 || step + 1 == Steps)
            {
                progress?.Report(new TrainingProgress(
                    Name, step + 1, Steps, lossSum / count, count * SamplesPerStep / clock.Elapsed.TotalSeconds, hasMeasure ? measureSum / count : null));
                (lossSum, measureSum, count) = (0, 0, 0);
                clock.Restart();
            }
        }
    }

    private double Rate(int step)
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

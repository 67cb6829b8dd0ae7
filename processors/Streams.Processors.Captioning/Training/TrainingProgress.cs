namespace Streams.Processors.Captioning.Training;

/// <summary>Where training stands.</summary>
/// <param name="Stage">vision, image or clip.</param>
/// <param name="Step">Steps done of the stage.</param>
/// <param name="Steps">Steps of the stage.</param>
/// <param name="Loss">Mean loss since the last report: of the patch labels (vision), of the captions (image, clip).</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="StepsPerSecond">Since the last report.</param>
/// <param name="Measure">Mean share of covered patches whose shape is right, since the last report.</param>
public sealed record TrainingProgress(string Stage, int Step, int Steps, double Loss, double Rate, double StepsPerSecond, double? Measure);

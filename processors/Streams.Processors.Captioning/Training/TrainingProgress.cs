namespace Streams.Processors.Captioning.Training;

/// <summary>Where training stands.</summary>
/// <param name="Stage">vision, image, clip or evaluation.</param>
/// <param name="Step">Steps done of the stage.</param>
/// <param name="Steps">Steps of the stage.</param>
/// <param name="Loss">Mean loss since the last report.</param>
/// <param name="SamplesPerSecond">Pictures or clips a second since the last report.</param>
/// <param name="Measure">Mean patch shape accuracy (vision, image stages) since the last report; share of exact captions at checks of the clip stage; else null.</param>
public sealed record TrainingProgress(string Stage, int Step, int Steps, double Loss, double SamplesPerSecond, double? Measure);

using Streams.Processors.GraphFilter.Learning;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>The last learning step's outcome, as far as later rows and steps need it.</summary>
/// <param name="Sensors">Names of the vertices.</param>
/// <param name="Precision">Inverse of the shrunk covariance of the standardised innovations, row-major.</param>
/// <param name="Learner">Where the optimiser stands.</param>
internal sealed record LearnedModel(string[] Sensors, double[] Precision, GraphLearner Learner);

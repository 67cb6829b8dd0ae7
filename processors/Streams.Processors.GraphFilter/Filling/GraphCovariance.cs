using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>The covariance of a graph learner, shrunk towards what its graph says of it.</summary>
internal sealed class GraphCovariance(OnlineGraphLearner learner) : ICovarianceSource
{
    public OnlineGraphLearner Learner { get; set; } = learner;

    public int Sensors => Learner.Sensors;

    public double Rows => Learner.EffectiveMemory * Learner.ObservedShare;

    public bool HasModel => Learner.Learnings > 0;

    public void CopyTo(Span<double> covariance, Span<double> model)
    {
        Learner.CopyCovariance(covariance);
        Learner.CopyModel(model);
    }

    public RowOutcome Add(ReadOnlySpan<float> row, ReadOnlySpan<int> observed, ReadOnlySpan<int> uncertain, ReadOnlySpan<double> spread) =>
        Learner.AddFilled(row, observed, uncertain, spread);
}

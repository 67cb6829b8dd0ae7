using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>The covariance of a graph learner, shrunk towards what its graph says of it.</summary>
internal sealed class GraphCovariance(OnlineGraphLearner learner) : ICovarianceSource
{
    public OnlineGraphLearner Learner => learner;

    public int Sensors => learner.Sensors;

    public double Rows => learner.EffectiveMemory * learner.ObservedShare;

    public bool HasModel => learner.Learnings > 0;

    public void CopyTo(Span<double> covariance, Span<double> model)
    {
        learner.CopyCovariance(covariance);
        learner.CopyModel(model);
    }

    public RowOutcome Add(ReadOnlySpan<float> row, ReadOnlySpan<int> observed, ReadOnlySpan<int> uncertain, ReadOnlySpan<double> spread) =>
        learner.AddFilled(row, observed, uncertain, spread);
}

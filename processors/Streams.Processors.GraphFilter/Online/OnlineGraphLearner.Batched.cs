namespace Streams.Processors.GraphFilter.Online;

/// <summary>What <see cref="BatchedLearning"/> asks of each network: everything but the cubic operations.</summary>
public sealed partial class OnlineGraphLearner
{
    internal static double RootCutShare => RootCut;

    internal bool IsReady => Sensors > 1 && Rows >= _options.MinRows;

    /// <summary>See <see cref="TryCovariance"/>.</summary>
    internal bool TryBatchCovariance(Span<double> square) => TryCovariance(square);

    internal void TakeBatchRoot(Span<double> root) => TakeRoot(root);

    internal void BatchLaplacian(Span<double> laplacian) => _optimiser.Laplacian(laplacian, Workspace.For(Sensors));

    /// <summary>See <see cref="GraphOptimiser.FitFilter"/>; also copies the gains.</summary>
    internal double FitBatch(Span<double> spectrum, Span<double> frequencies, Span<double> gains)
    {
        var workspace = Workspace.For(Sensors);
        var throughMean = _optimiser.FitFilter(spectrum, frequencies, workspace, _options.WithoutConstantMode);
        workspace.Vector(3)[..Sensors].CopyTo(gains);
        return throughMean;
    }

    internal void FinishBatch(ReadOnlySpan<double> gradient, double throughMean, ReadOnlySpan<double> model)
    {
        var workspace = Workspace.For(Sensors);
        _optimiser.Weights(workspace.Pairs);
        _optimiser.Descend(gradient, throughMean, _options.LearningRate, workspace);
        Symmetric.Pack(model, Sensors, _optimiser.Model);
        FinishLearning(workspace);
    }
}

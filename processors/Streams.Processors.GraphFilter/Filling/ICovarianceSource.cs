using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>A covariance that learns from rows, and a model that it is shrunk towards.</summary>
internal interface ICovarianceSource
{
    int Sensors { get; }

    /// <summary>Whole rows that the covariance amounts to.</summary>
    double Rows { get; }

    /// <summary>The model is more than a stand-in.</summary>
    bool HasModel { get; }

    /// <summary>Copies both, row-major.</summary>
    void CopyTo(Span<double> covariance, Span<double> model);

    /// <summary>Learns from a row, its gaps filled, and the conditional covariance of its uncertain entries.</summary>
    RowOutcome Add(ReadOnlySpan<float> row, ReadOnlySpan<int> observed, ReadOnlySpan<int> uncertain, ReadOnlySpan<double> spread);
}

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The unit in which a filter sees the frequencies. A covariance does not know the scale of a graph's weights.</summary>
internal enum FilterScale
{
    /// <summary>Frequencies as they are.</summary>
    None,

    /// <summary>Over their mean.</summary>
    Mean,

    /// <summary>Over the largest.</summary>
    Largest,
}

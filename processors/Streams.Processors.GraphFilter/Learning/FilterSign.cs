namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Which way the gain goes with the graph frequency.</summary>
public enum FilterSign
{
    /// <summary>Decided by the constant mode: its gain against the mean gain.</summary>
    Auto,

    /// <summary>Neighbours are alike: the gain falls.</summary>
    LowPass,

    /// <summary>Neighbours differ: the gain rises.</summary>
    HighPass,
}

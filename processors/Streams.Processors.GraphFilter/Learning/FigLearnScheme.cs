namespace Streams.Processors.GraphFilter.Learning;

/// <summary>How graph and filter are found.</summary>
public enum FigLearnScheme
{
    /// <summary>The filter by least squares at every step, a start and a sign from the data, and a threshold of its own.</summary>
    ClosedForm,

    /// <summary>
    /// As published: a random start, weights near 1/2; three steps of gradient descent on the filter network, then one of Adam on the
    /// logits of the weights; the lowest loss is kept, and a pair is an edge above 1/2.
    /// </summary>
    Alternating,
}

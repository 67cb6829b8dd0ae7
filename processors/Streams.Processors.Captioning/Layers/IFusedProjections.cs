namespace Streams.Processors.Captioning.Layers;

/// <summary>A layer some of whose projections read the same input: they can be one product, for a device that is kept busier by few large ones.</summary>
internal interface IFusedProjections
{
    /// <summary>Lays the weights into one tensor, of which each becomes a part. The model is loaded and stays where it is.</summary>
    void Fuse();
}

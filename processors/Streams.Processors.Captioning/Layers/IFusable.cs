using Streams.Processors.Captioning.Cuda;

namespace Streams.Processors.Captioning.Layers;

/// <summary>A layer that a GPU does in fewer and larger steps, where it is told to.</summary>
internal interface IFusable
{
    /// <summary>
    /// Projections that read the same input become one: their weights are laid into one tensor, of which each becomes a part. The model is loaded and stays where
    /// it is.
    /// </summary>
    /// <param name="kernels">What else it may use; null for none.</param>
    void Fuse(CudaKernels? kernels);
}

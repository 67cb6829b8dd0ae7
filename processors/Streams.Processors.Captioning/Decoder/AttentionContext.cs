using Streams.Processors.Captioning.Cuda;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>What all layers of one pass share.</summary>
/// <param name="Angles">Cosines and sines of the new tokens' positions; with <paramref name="Kernels"/> of all positions, in 32 bits.</param>
/// <param name="Mask">What is seen, broadcast to (B, heads, new, all); null for plainly causal.</param>
/// <param name="Store">Keys and values of earlier tokens; null for none.</param>
/// <param name="KeyAngles">
/// Angles of all stored keys, where their positions move as old tokens leave: keys are then stored as they were before rotation. Null where
/// a key keeps its position and is stored rotated.
/// </param>
/// <param name="Kernels">What this pass is done by: new tokens that follow each other from the first on, or one in each slot. Null: by torch alone.</param>
internal sealed record AttentionContext(
    (Tensor Cosine, Tensor Sine) Angles, Tensor? Mask, IKeyValueStore? Store, (Tensor Cosine, Tensor Sine)? KeyAngles = null,
    CudaKernels? Kernels = null);

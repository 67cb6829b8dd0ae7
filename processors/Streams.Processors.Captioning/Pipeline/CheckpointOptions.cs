using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Which published checkpoint to load, and where.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Folder as Hugging Face publishes it.</summary>
    public required string Directory { get; init; }

    /// <summary>auto (CUDA where there is one), cpu, cuda or cuda:N.</summary>
    [RegularExpression("^(auto|cpu|cuda(:[0-9]+)?)$")]
    public string Device { get; init; } = "auto";

    /// <summary>Type of the weights in memory: auto (bfloat16 on CUDA, float32 on a CPU, which is slower at less), float32, bfloat16 or float16.</summary>
    [RegularExpression("^(auto|float32|bfloat16|float16)$")]
    public string Precision { get; init; } = "auto";

    /// <summary>In bfloat16 on a GPU, use kernels of our own where NVIDIA's compiler is at hand (<see cref="CaptionerOptions.CudaKernels"/>).</summary>
    public bool CudaKernels { get; init; } = true;
}

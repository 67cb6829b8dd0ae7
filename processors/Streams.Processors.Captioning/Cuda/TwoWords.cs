namespace Streams.Processors.Captioning.Cuda;

/// <summary>What a c10::cuda::CUDAStream and the pair that names a pool of memory are: sixteen bytes, passed in registers.</summary>
internal readonly record struct TwoWords(long First, long Second);

using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>Where the keys and values of one layer lie.</summary>
/// <param name="Keys">(sequences, heads, capacity, head).</param>
/// <param name="Values">The same.</param>
/// <param name="Positions">Place (sequences) of each sequence's one new token; null where all sequences go on from <paramref name="Start"/>.</param>
/// <param name="Start">Place of the first new token.</param>
internal sealed record KeyValueBuffers(Tensor Keys, Tensor Values, Tensor? Positions, int Start);

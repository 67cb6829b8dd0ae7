using Streams.Processors.Captioning.Cuda;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>Where attention leaves the keys and values of new tokens, and finds those of earlier ones.</summary>
internal interface IKeyValueStore
{
    /// <summary>Stores new keys and values (B, heads, N, head) of one layer and gives all that the new tokens may look at, the new ones included.</summary>
    (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values);

    /// <summary>Where <see cref="Append"/> would put them, for who does it himself; null where they do not lie in their order.</summary>
    KeyValueBuffers? Buffers(int layer);
}

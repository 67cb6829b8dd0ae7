using System.Security.Cryptography;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// Visual tokens of frames seen lately, by the hash of their pixels, at most so many bytes: clips that overlap share frames. Least recently
/// used ones leave first. A hit gives the bits that encoding would give. Belongs to one thread.
/// </summary>
internal sealed class EmbeddingCache(long maxBytes) : IDisposable
{
    private const int BlockBytes = 1 << 20;
    private readonly Dictionary<string, LinkedListNode<(string Key, Tensor Block, int Row)>> _entries = [];
    private readonly LinkedList<(string Key, Tensor Block, int Row)> _byUse = new();

    // Rows of large blocks: small tensors that stay between large ones that go keep malloc from giving the memory back.
    private readonly List<Tensor> _blocks = [];
    private readonly Stack<(Tensor Block, int Row)> _free = new();
    private long[]? _shape;

    /// <summary>Bytes held. Read by metrics.</summary>
    public long Bytes { get; private set; }

    /// <summary>What frames are told apart by: SHA-256, since two that were taken for one would give a wrong caption.</summary>
    public static string KeyOf(RgbFrame frame) => Convert.ToBase64String(SHA256.HashData(frame.Pixels.Span));

    /// <summary>A copy of the visual tokens (1, queries, D), or null.</summary>
    public Tensor? Find(string key)
    {
        if (!_entries.TryGetValue(key, out var node))
        {
            return null;
        }

        _byUse.Remove(node);
        _byUse.AddFirst(node);
        using var row = node.Value.Block.select(0, node.Value.Row);
        return row.clone();
    }

    public void Add(string key, Tensor tokens)
    {
        var size = tokens.numel() * tokens.element_size();
        if (size > maxBytes || _entries.ContainsKey(key) || !(_shape ??= tokens.shape).SequenceEqual(tokens.shape))
        {
            return;
        }

        while (Bytes + size > maxBytes)
        {
            var (last, block, row) = _byUse.Last!.Value;
            Bytes -= size;
            _free.Push((block, row));
            _byUse.RemoveLast();
            _entries.Remove(last);
        }

        var place = Take(tokens, size);
        using var target = place.Block.select(0, place.Row);
        target.copy_(tokens);
        _entries[key] = _byUse.AddFirst((key, place.Block, place.Row));
        Bytes += size;
    }

    public void Dispose()
    {
        _blocks.ForEach(block => block.Dispose());
        _blocks.Clear();
        _free.Clear();
        _byUse.Clear();
        _entries.Clear();
        Bytes = 0;
    }

    private (Tensor Block, int Row) Take(Tensor tokens, long size)
    {
        if (!_free.TryPop(out var place))
        {
            var rows = Math.Max(1, Math.Min(BlockBytes, maxBytes) / size);
            var block = empty([rows, .. tokens.shape], tokens.dtype, tokens.device).DetachFromDisposeScope();
            _blocks.Add(block);
            for (var row = (int)rows - 1; row > 0; row--)
            {
                _free.Push((block, row));
            }

            place = (block, 0);
        }

        return place;
    }
}

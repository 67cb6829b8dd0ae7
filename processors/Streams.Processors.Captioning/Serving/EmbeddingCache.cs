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
    private readonly Dictionary<string, LinkedListNode<(string Key, Tensor Tokens)>> _entries = [];
    private readonly LinkedList<(string Key, Tensor Tokens)> _byUse = new();

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
        return node.Value.Tokens.clone();
    }

    public void Add(string key, Tensor tokens)
    {
        var size = tokens.numel() * tokens.element_size();
        if (size > maxBytes || _entries.ContainsKey(key))
        {
            return;
        }

        _entries[key] = _byUse.AddFirst((key, tokens.clone().DetachFromDisposeScope()));
        Bytes += size;
        while (Bytes > maxBytes)
        {
            var (last, old) = _byUse.Last!.Value;
            Bytes -= old.numel() * old.element_size();
            old.Dispose();
            _byUse.RemoveLast();
            _entries.Remove(last);
        }
    }

    public void Dispose()
    {
        foreach (var (_, tokens) in _byUse)
        {
            tokens.Dispose();
        }

        _byUse.Clear();
        _entries.Clear();
        Bytes = 0;
    }
}

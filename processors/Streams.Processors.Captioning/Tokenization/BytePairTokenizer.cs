using System.Text;
using Microsoft.ML.Tokenizers;

namespace Streams.Processors.Captioning.Tokenization;

/// <summary>Byte-level byte-pair encoding as a Hugging Face tokenizer.json describes it: GPT-2, SmolLM2 and Qwen2.5 alike.</summary>
internal sealed class BytePairTokenizer
{
    private readonly BpeTokenizer _encoder;
    private readonly Dictionary<string, int> _added;
    private readonly Dictionary<int, string> _addedById;
    private readonly HashSet<int> _special;
    private readonly bool _normalize;

    /// <param name="encoder">What the vocabulary, the merges and the splitting make.</param>
    /// <param name="added">Tokens that are taken whole wherever they stand.</param>
    /// <param name="special">Those of them that a decoded text leaves out.</param>
    /// <param name="normalize">Compose characters (NFC) first.</param>
    /// <param name="count">Ids in all, which run from 0.</param>
    internal BytePairTokenizer(BpeTokenizer encoder, IReadOnlyDictionary<string, int> added, IEnumerable<int> special, bool normalize, int count)
    {
        _encoder = encoder;
        _added = new(added);
        _addedById = added.ToDictionary(entry => entry.Value, entry => entry.Key);
        _special = [.. special];
        _normalize = normalize;
        Count = count;
    }

    /// <summary>One more than the largest id.</summary>
    public int Count { get; }

    /// <summary>Tokens that are taken whole wherever they stand.</summary>
    public IReadOnlyCollection<string> Added => _added.Keys;

    /// <summary>The id of an added token.</summary>
    /// <exception cref="TokenizerException">There is none of that name.</exception>
    public int Id(string token) =>
        _added.TryGetValue(token, out var id) ? id : throw new TokenizerException($"added_tokens has no \"{token}\"; take the tokenizer.json that belongs to the model");

    public IReadOnlyList<int> Encode(string text) => _encoder.EncodeToIds(_normalize ? text.Normalize(NormalizationForm.FormC) : text);

    /// <summary>The text of <paramref name="ids"/>; bytes that are no text become U+FFFD.</summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecial)
    {
        var text = new StringBuilder();
        var run = new List<int>();
        foreach (var id in ids)
        {
            if (!_addedById.TryGetValue(id, out var added))
            {
                run.Add(id);
                continue;
            }

            Flush();
            if (!(skipSpecial && _special.Contains(id)))
            {
                text.Append(added);
            }
        }

        Flush();
        return text.ToString();

        void Flush()
        {
            text.Append(run.Count == 0 ? string.Empty : _encoder.Decode(run));
            run.Clear();
        }
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Streams.Processors.Captioning.Tokenization;

/// <summary>Reads a Hugging Face tokenizer.json of byte-level byte-pair encoding.</summary>
internal static class TokenizerJson
{
    /// <summary>How GPT-2 splits text before merging.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Single digits first, then as GPT-2, in one expression; white space before a digit stays whole, as it ends a piece there.</summary>
    public const string DigitsPattern = @"\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+";

    /// <exception cref="TokenizerException">Not JSON, or of a kind that is not built.</exception>
    public static BytePairTokenizer Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new TokenizerException($"cannot be read: {e.Message}; take the file that belongs to the model", e);
        }
    }

    private static BytePairTokenizer Read(JsonElement root)
    {
        var model = root.GetProperty("model");
        var type = model.TryGetProperty("type", out var named) ? named.GetString() : "BPE";
        if (type != "BPE")
        {
            throw new TokenizerException($"model.type is \"{type}\"; readable is \"BPE\"");
        }

        var added = new Dictionary<string, int>();
        var special = new List<int>();
        foreach (var token in root.GetProperty("added_tokens").EnumerateArray())
        {
            var id = token.GetProperty("id").GetInt32();
            added[token.GetProperty("content").GetString()!] = id;
            if (token.TryGetProperty("special", out var flag) && flag.GetBoolean())
            {
                special.Add(id);
            }
        }

        var vocabulary = model.GetProperty("vocab").EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetInt32())).ToList();
        var pattern = new Regex(Pattern(root.GetProperty("pre_tokenizer")), RegexOptions.CultureInvariant);
        var options = new BpeOptions(vocabulary)
        {
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(Merge)],
            ByteLevel = true,
            SpecialTokens = added.Count == 0 ? null : added,
            PreTokenizer = new RegexPreTokenizer(pattern, added.Count == 0 ? null : added),
        };
        var largest = Math.Max(vocabulary.Max(entry => entry.Value), added.Values.DefaultIfEmpty(-1).Max());
        return new BytePairTokenizer(BpeTokenizer.Create(options), added, special, Normalizes(root), largest + 1);
    }

    // Written "a b" by older tools and ["a", "b"] by newer ones.
    private static string Merge(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.Array ? $"{merge[0].GetString()} {merge[1].GetString()}" : merge.GetString()!;

    private static bool Normalizes(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out var normalizer) || normalizer.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        var type = normalizer.GetProperty("type").GetString();
        return type == "NFC" ? true : throw new TokenizerException($"normalizer.type is \"{type}\"; built are \"NFC\" and none");
    }

    private static string Pattern(JsonElement splitter)
    {
        var type = splitter.GetProperty("type").GetString();
        var parts = type == "Sequence" ? splitter.GetProperty("pretokenizers").EnumerateArray().ToArray() : [splitter];
        var last = parts[^1];
        if (last.GetProperty("type").GetString() != "ByteLevel" || (last.TryGetProperty("add_prefix_space", out var prefix) && prefix.GetBoolean()))
        {
            throw new TokenizerException("pre_tokenizer must end in ByteLevel without add_prefix_space; other splittings are not built");
        }

        var usesPattern = !last.TryGetProperty("use_regex", out var flag) || flag.GetBoolean();
        return (parts.Length, usesPattern) switch
        {
            (1, true) => Gpt2Pattern,
            (2, true) when parts[0].GetProperty("type").GetString() == "Digits" && parts[0].GetProperty("individual_digits").GetBoolean() => DigitsPattern,
            (2, false) when parts[0].GetProperty("type").GetString() == "Split" && parts[0].GetProperty("behavior").GetString() == "Isolated" =>
                parts[0].GetProperty("pattern").GetProperty("Regex").GetString()!,
            _ => throw new TokenizerException("pre_tokenizer is a sequence that is not built; built are ByteLevel alone, after Digits (individual_digits) or after Split (Isolated, a Regex)"),
        };
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Streams.Processors.Captioning.Tokenization;

/// <summary>
/// One id a word, split at white space: the "WordLevel" model of Hugging Face's tokenizer.json. Enough for a caption grammar of
/// some sixty words.
/// </summary>
internal sealed class WordTokenizer
{
    /// <summary>Stands for every word that is not in the vocabulary.</summary>
    public const string UnknownWord = "<unk>";
    private readonly Dictionary<string, int> _ids;
    private readonly string[] _words;
    private readonly HashSet<string> _special;

    public WordTokenizer(IReadOnlyList<string> special, IReadOnlyList<string> words)
    {
        _special = [.. special];
        _words = [.. special, .. words];
        _ids = _words.Select((word, id) => (word, id)).ToDictionary(entry => entry.word, entry => entry.id);
    }

    public int Count => _words.Length;

    /// <summary>The id of a word or special token that must exist.</summary>
    public int Id(string word) =>
        _ids.TryGetValue(word, out var id) ? id : throw new ArgumentException($"\"{word}\" is not among the {Count} words of the tokenizer", nameof(word));

    public int[] Encode(string text)
    {
        var unknown = Id(UnknownWord);
        return [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => _ids.GetValueOrDefault(word, unknown))];
    }

    /// <summary>The words of <paramref name="ids"/> without the special tokens.</summary>
    public string Decode(IEnumerable<int> ids) =>
        string.Join(' ', ids.Select(id => _words[id]).Where(word => !_special.Contains(word)));

    public string ToJson()
    {
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. _words.Where(_special.Contains).Select(JsonNode (word) => new JsonObject
            {
                ["id"] = Id(word),
                ["content"] = word,
                ["special"] = true,
            })]),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["model"] = new JsonObject
            {
                ["type"] = "WordLevel",
                ["vocab"] = new JsonObject(_words.Select((word, id) => KeyValuePair.Create(word, (JsonNode?)id))),
                ["unk_token"] = UnknownWord,
            },
        };
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <exception cref="FormatException">Not a tokenizer.json of this kind.</exception>
    public static WordTokenizer Parse(string json)
    {
        try
        {
            var root = JsonNode.Parse(json)!;
            if ((string?)root["model"]!["type"] is var type && type != "WordLevel")
            {
                throw new FormatException($"tokenizer.json: model.type is \"{type}\"; only \"WordLevel\" can be read");
            }

            var words = root["model"]!["vocab"]!.AsObject().OrderBy(entry => (int)entry.Value!).Select(entry => entry.Key).ToList();
            var special = root["added_tokens"]!.AsArray().Select(token => (string)token!["content"]!).ToList();
            return words.Take(special.Count).SequenceEqual(special)
                ? new WordTokenizer(special, [.. words.Skip(special.Count)])
                : throw new FormatException("tokenizer.json: added_tokens must have the first ids of the vocabulary, in order");
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new FormatException($"tokenizer.json cannot be read: {e.Message}", e);
        }
    }
}

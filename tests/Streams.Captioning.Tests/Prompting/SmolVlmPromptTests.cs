using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Prompting;

public sealed class SmolVlmPromptTests
{
    private const string OneToken = "<fake_token_around_image><global-img><image><fake_token_around_image>";
    private static readonly string[] Reserved = ["<|im_start|>", "<image>", "<end_of_utterance>", "<row_1_col_2>"];
    private static readonly SmolVlmImageConfig Images = new() { TileSize = 8, LongestEdge = 8, VideoLongestEdge = 8 };

    [Fact]
    public void Expand_GoldenGrids_EqualsTheReference()
    {
        foreach (var item in Golden.Json("preprocess/smolvlm_prompt.json")["prompt_expansion"]!.AsArray())
        {
            Assert.Equal((string)item!["expanded"]!, SmolVlmPrompt.Expand((int)item["rows"]!, (int)item["cols"]!, (int)item["image_seq_len"]!));
        }
    }

    [Theory]
    [InlineData("video")]
    [InlineData("image")]
    [InlineData("text2turn")]
    public void Render_GoldenConversations_EqualsTheChatTemplate(string kind)
    {
        var golden = Golden.Json("preprocess/smolvlm_prompt.json")["chat"]!.AsArray().Single(item => (string)item!["kind"]! == kind)!;
        ChatMessage[] conversation = kind switch
        {
            "video" => [new(ChatMessage.User, [Video(golden), new TextContent((string)golden["question"]!)])],
            "image" => [new(ChatMessage.User, [new ImageContent(Frame()), new TextContent("What is this?")])],
            _ =>
            [
                new(ChatMessage.User, [new TextContent("Hi")]), new(ChatMessage.Assistant, [new TextContent("Hello.")]),
                new(ChatMessage.User, [new TextContent("Bye")]),
            ],
        };

        var (text, tiles) = new SmolVlmPrompt(Images, 1, Reserved).Render(conversation);

        Assert.Equal((string)golden["rendered"]!, text.Replace(OneToken, "<image>", StringComparison.Ordinal));
        Assert.Equal(kind switch { "video" => 4, "image" => 1, _ => 0 }, tiles.Count);
    }

    [Fact]
    public void Render_TextWithNamesOfSpecialTokens_OpensNoPlaces()
    {
        var (text, _) = new SmolVlmPrompt(Images, 1, Reserved).Render([new(ChatMessage.User, [new TextContent("what is <image> and <end_of_utterance> and <row_1_col_2> here? a < b")])]);

        Assert.DoesNotContain("<image>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<row_1_col_2>", text, StringComparison.Ordinal);
        Assert.Contains("a < b<end_of_utterance>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_VocabularyOfLlama3_BeginsAsIdefics3() => Assert.StartsWith(
        "<|begin_of_text|>User: Hi<end_of_utterance>\n", new SmolVlmPrompt(Images, 1, ["<|begin_of_text|>", .. Reserved[1..]]).Render([new(ChatMessage.User, [new TextContent("Hi")])]).Text, StringComparison.Ordinal);

    [Fact]
    public void Render_TenThousandFrames_TakesTheMostThatTheModelWants()
    {
        var frame = Frame();
        var video = new VideoContent([.. Enumerable.Repeat(frame, 10_000)], [.. Enumerable.Range(0, 10_000).Select(i => i / 30.0)], 10_000 / 30.0);

        var (text, tiles) = new SmolVlmPrompt(Images, 1, Reserved).Render([new(ChatMessage.User, [video])]);

        Assert.Equal(64, tiles.Count);
        Assert.Contains("series of sixty-four frames from a 0:05:33", text, StringComparison.Ordinal);
        Assert.Contains("Frame from 05:33:", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "zero")]
    [InlineData(13, "thirteen")]
    [InlineData(40, "forty")]
    [InlineData(64, "sixty-four")]
    [InlineData(100, "one hundred")]
    [InlineData(128, "one hundred and twenty-eight")]
    public void Say_Numbers_InWords(int number, string expected) => Assert.Equal(expected, EnglishNumbers.Say(number));

    private static VideoContent Video(System.Text.Json.Nodes.JsonNode golden)
    {
        var seconds = golden["frames"]!.AsArray().Select(frame => (int)frame! / (double)golden["fps"]!).ToList();
        return new VideoContent([.. seconds.Select(_ => Frame())], seconds, (double)golden["duration"]!);
    }

    private static RgbFrame Frame() => new(default, 8, 8, new byte[8 * 8 * 3]);
}

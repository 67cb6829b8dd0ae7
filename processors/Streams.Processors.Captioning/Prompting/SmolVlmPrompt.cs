using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Prompting;

/// <summary>Writes a conversation as Idefics3 and SmolVLM were trained to read it.</summary>
/// <param name="images">How pictures are cut.</param>
/// <param name="imageTokens">Visual tokens of one tile.</param>
/// <param name="reserved">The tokens of the tokenizer that are taken whole.</param>
internal sealed class SmolVlmPrompt(SmolVlmImageConfig images, int imageTokens, IReadOnlyCollection<string> reserved)
{
    public const string ImageToken = "<image>";
    public const string EndOfUtterance = "<end_of_utterance>";
    private const string Around = "<fake_token_around_image>";
    private const string Whole = "<global-img>";
    private readonly Regex _reserved = new(string.Join('|', reserved.Select(Regex.Escape)));

    // Idefics3 stands on Llama 3, SmolVLM on SmolLM2; some of the latter call themselves idefics3, so the vocabulary decides.
    private readonly string _start = reserved.Contains("<|begin_of_text|>") ? "<|begin_of_text|>" : "<|im_start|>";

    /// <summary>The text of a conversation that the model is to go on with, and the tiles for its visual tokens in order.</summary>
    public (string Text, IReadOnlyList<RgbFrame> Tiles) Render(IReadOnlyList<ChatMessage> messages)
    {
        var (text, tiles) = (new StringBuilder(_start), new List<RgbFrame>());
        foreach (var message in messages)
        {
            Append(message, text, tiles);
        }

        return (text.Append("Assistant:").ToString(), tiles);
    }

    /// <summary>The next turn of a conversation whose last answer ended with <see cref="EndOfUtterance"/>.</summary>
    public (string Text, IReadOnlyList<RgbFrame> Tiles) RenderNext(ChatMessage message)
    {
        var (text, tiles) = (new StringBuilder("\n"), new List<RgbFrame>());
        Append(message, text, tiles);
        return (text.Append("Assistant:").ToString(), tiles);
    }

    /// <summary>Places for the visual tokens of one picture cut into <paramref name="rows"/> x <paramref name="columns"/> tiles.</summary>
    internal static string Expand(int rows, int columns, int imageTokens)
    {
        var places = string.Concat(Enumerable.Repeat(ImageToken, imageTokens));
        var text = new StringBuilder();
        for (var row = 1; row <= rows; row++)
        {
            for (var column = 1; column <= columns; column++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Around}<row_{row}_col_{column}>{places}");
            }

            text.Append('\n');
        }

        return text.Append(rows > 0 ? "\n" : string.Empty).Append(Around).Append(Whole).Append(places).Append(Around).ToString();
    }

    /// <summary>What stands before the frames of a video.</summary>
    internal static string VideoIntroduction(int frames, double duration) =>
        $"You are provided the following series of {EnglishNumbers.Say(frames)} frames from a {TimeSpan.FromSeconds((long)duration):h\\:mm\\:ss} [H:MM:SS] video.\n";

    /// <summary>What stands before a frame.</summary>
    internal static string FrameTime(double second) => $"\nFrame from {(int)second / 60:00}:{(int)second % 60:00}:";

    private void Append(ChatMessage message, StringBuilder text, List<RgbFrame> tiles)
    {
        text.Append(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(message.Role[0])}{message.Role[1..]}");
        text.Append(message.Contents is [ImageContent, ..] ? ":" : ": ");
        foreach (var content in message.Contents)
        {
            Append(content, text, tiles);
        }

        text.Append(EndOfUtterance).Append('\n');
    }

    private void Append(ChatContent content, StringBuilder text, List<RgbFrame> tiles)
    {
        switch (content)
        {
            case TextContent words:
                text.Append(Quote(words.Text));
                break;
            case ImageContent image:
                Append(SmolVlmImages.Split(image.Image, images), text, tiles);
                break;
            case VideoContent video:
                var chosen = FrameSampling.Uniform(video.Frames.Count, images.MaxVideoFrames);
                text.Append(VideoIntroduction(chosen.Count, video.Duration));
                foreach (var i in chosen)
                {
                    text.Append(FrameTime(video.Seconds[i]));
                    Append(SmolVlmImages.Frame(video.Frames[i], images), text, tiles);
                }

                text.Append("\n\n");
                break;
        }
    }

    private void Append(TiledImage image, StringBuilder text, List<RgbFrame> tiles)
    {
        text.Append(Expand(image.Rows, image.Columns, imageTokens));
        tiles.AddRange(image.Tiles);
    }

    // A user who writes "<image>" must not open a place for a picture that is not there. A zero-width space keeps the words readable.
    private string Quote(string text) => _reserved.Replace(text, token => token.Value.Insert(1, "\u200B"));
}

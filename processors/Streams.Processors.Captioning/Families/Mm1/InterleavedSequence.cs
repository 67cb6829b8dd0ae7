using System.Globalization;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Prompting;

namespace Streams.Processors.Captioning.Families.Mm1;

/// <summary>
/// Words and pictures in one sequence, as MM1 and MM1.5 read documents, several pictures, in-context examples and videos: every picture
/// stands where it was shown, its sub-images one after another.
/// </summary>
internal sealed class InterleavedSequence
{
    private readonly List<(string? Text, SubImage? Image)> _parts = [];

    private InterleavedSequence()
    {
    }

    /// <summary>Either words or a sub-image each.</summary>
    public IReadOnlyList<(string? Text, SubImage? Image)> Parts => _parts;

    /// <summary>The sub-images in order.</summary>
    public IReadOnlyList<SubImage> Images => [.. _parts.Select(part => part.Image).OfType<SubImage>()];

    /// <summary>Lays out contents, which may alternate freely.</summary>
    public static InterleavedSequence Create(IReadOnlyList<ChatContent> contents, SplittingConfig config)
    {
        var sequence = new InterleavedSequence();
        var pictures = contents.OfType<ImageContent>().Count();
        var (picture, shown) = (0, 0); // a frame of a video is a picture too, but not one that could be cut
        foreach (var content in contents)
        {
            switch (content)
            {
                case TextContent words:
                    sequence.AddText(words.Text);
                    break;
                case ImageContent image:
                    sequence.AddPicture(ImageSplitter.Split(image.Image, picture++, config, IsCut(shown++, pictures, config)), config.Indicator);
                    break;
                case VideoContent video:
                    foreach (var index in FrameSampling.Uniform(video.Frames.Count, config.VideoFrames))
                    {
                        sequence.AddPicture(ImageSplitter.Split(video.Frames[index], picture++, config, cut: false), PositionIndicator.None);
                    }

                    break;
            }
        }

        return sequence;
    }

    /// <summary>Ids with <paramref name="tokensPerImage"/> times <paramref name="imageToken"/> for each sub-image.</summary>
    public IReadOnlyList<int> ToIds(Func<string, IReadOnlyList<int>> encode, int imageToken, int tokensPerImage) =>
        [.. _parts.SelectMany(part => part.Text is { } text ? encode(text) : Enumerable.Repeat(imageToken, tokensPerImage))];

    // Splitting is for one or two pictures; for examples before a question only the last ones are worth the tokens.
    private static bool IsCut(int shown, int pictures, SplittingConfig config) =>
        config.SplitLastImages is { } last ? shown >= pictures - last : pictures <= config.MaxSplitImages;

    private void AddPicture(IReadOnlyList<SubImage> cells, PositionIndicator indicator)
    {
        foreach (var (cell, i) in cells.Select((cell, i) => (cell, i)))
        {
            switch (indicator)
            {
                case PositionIndicator.Index:
                    AddText(string.Create(CultureInfo.InvariantCulture, $"({cell.Picture},{cell.Row},{cell.Column})"));
                    break;
                case PositionIndicator.Seps when i > 0:
                    AddText(cell.IsOverview ? "<n>:" : cell.Column == 1 ? "<n>" : ",");
                    break;
            }

            _parts.Add((null, cell));
        }
    }

    private void AddText(string text)
    {
        if (_parts is [.., (string before, null)])
        {
            _parts[^1] = (before + text, null);
        }
        else if (text.Length > 0)
        {
            _parts.Add((text, null));
        }
    }
}

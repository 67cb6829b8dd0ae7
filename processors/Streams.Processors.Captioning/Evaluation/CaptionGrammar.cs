using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>
/// The language of the captions: <c>a SIZE COLOUR SHAPE MOTION [SPEED] [and a ...] on a BACKGROUND background .</c>, objects in
/// the order of <see cref="ObjectColour"/>.
/// </summary>
public static class CaptionGrammar
{
    /// <summary>Cells a side of the grid that positions are named in.</summary>
    internal const int GridCells = 12;

    private static readonly Dictionary<ObjectMotion, string[]> Motions = new()
    {
        [ObjectMotion.Still] = ["stays", "still"],
        [ObjectMotion.Left] = ["moves", "left"],
        [ObjectMotion.Right] = ["moves", "right"],
        [ObjectMotion.Up] = ["moves", "up"],
        [ObjectMotion.Down] = ["moves", "down"],
        [ObjectMotion.Blink] = ["blinks"],
    };

    private static readonly Dictionary<ObjectSpeed, string> Speeds = new()
    {
        [ObjectSpeed.Slow] = "slowly",
        [ObjectSpeed.Quick] = "quickly",
    };

    /// <summary>All words of the language, positions included.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        .. new[] { "a", "and", "on", "background", ".", "at" },
        .. Names<ObjectSize>(), .. Names<ObjectColour>(), .. Names<ObjectShape>(), .. Names<SceneBackground>(),
        .. Motions.Values.SelectMany(words => words).Distinct(), .. Speeds.Values,
        .. Enumerable.Range(0, GridCells).Select(cell => $"x{cell}"), .. Enumerable.Range(0, GridCells).Select(cell => $"y{cell}"),
    ];

    /// <summary>The caption of <paramref name="content"/>.</summary>
    public static string Format(CaptionContent content) =>
        Join(content.Background, content.Objects.Select(item => $"{Noun(item)} {string.Join(' ', Motions[item.Motion])}{(item.Speed is { } speed ? " " + Speeds[speed] : string.Empty)}"));

    /// <summary>The caption of a still picture: what is where. Used in training only.</summary>
    internal static string FormatGrounded(ClipScene scene, double tick) =>
        Join(scene.Background, scene.Objects.Where(item => item.IsVisible(tick)).OrderBy(item => item.Description.Colour).Select(item =>
        {
            var (x, y) = item.At(tick);
            return $"{Noun(item.Description)} at x{Cell(x)} y{Cell(y)}";
        }));

    /// <summary>Reads a caption; words that do not fit are passed over.</summary>
    public static CaptionContent Parse(string caption)
    {
        var words = caption.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var objects = new List<ObjectDescription>();
        SceneBackground? background = null;
        for (var i = 0; i + 1 < words.Length; i++)
        {
            if (TryName<SceneBackground>(words[i], out var named) && words[i + 1] == "background")
            {
                background = named;
            }
            else if (ParseObject(words.AsSpan(i)) is { } item)
            {
                objects.Add(item);
            }
        }

        return new CaptionContent(background, objects);
    }

    private static ObjectDescription? ParseObject(ReadOnlySpan<string> words)
    {
        if (words.Length < 4
            || !TryName<ObjectSize>(words[0], out var size)
            || !TryName<ObjectColour>(words[1], out var colour)
            || !TryName<ObjectShape>(words[2], out var shape))
        {
            return null;
        }

        foreach (var (motion, phrase) in Motions)
        {
            if (words[3..].StartsWith(phrase))
            {
                var rest = words[(3 + phrase.Length)..];
                ObjectSpeed? speed = null;
                foreach (var (value, word) in Speeds)
                {
                    speed = rest.Length > 0 && rest[0] == word ? value : speed;
                }

                return new ObjectDescription(size, colour, shape, motion, speed);
            }
        }

        return null;
    }

    private static string Join(SceneBackground? background, IEnumerable<string> objects) =>
        $"{string.Join(" and ", objects)} on a {Name(background)} background .".TrimStart();

    private static string Noun(ObjectDescription item) => $"a {Name(item.Size)} {Name(item.Colour)} {Name(item.Shape)}";

    private static int Cell(double place) => Math.Clamp((int)(place * GridCells), 0, GridCells - 1);

    private static string Name(object? value) => value?.ToString()?.ToLowerInvariant() ?? string.Empty;

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(value => Name(value));

    private static bool TryName<T>(string word, out T value)
        where T : struct, Enum => Enum.TryParse(word, ignoreCase: true, out value) && Name(value) == word;
}

using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Tokenization;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>
/// The language of the captions: <c>COUNT SIZE COLOUR SHAPE MOTION [SPEED] [and ...] [and the word WORD] on a BACKGROUND background .</c>,
/// objects in the order of <see cref="ObjectColour"/>, COUNT <c>a</c>, <c>two</c>, <c>three</c> or <c>four</c>.
/// </summary>
public static class CaptionGrammar
{
    /// <summary>Cells a side of the grid that positions are named in.</summary>
    internal const int GridCells = 12;

    private static readonly string[] Counts = ["a", "two", "three", "four"];

    // One object, several objects, and what follows for both.
    private static readonly Dictionary<ObjectMotion, (string One, string Several, string? Direction)> Motions = new()
    {
        [ObjectMotion.Still] = ("stays", "stay", "still"),
        [ObjectMotion.Left] = ("moves", "move", "left"),
        [ObjectMotion.Right] = ("moves", "move", "right"),
        [ObjectMotion.Up] = ("moves", "move", "up"),
        [ObjectMotion.Down] = ("moves", "move", "down"),
        [ObjectMotion.Blink] = ("blinks", "blink", null),
    };

    private static readonly Dictionary<ObjectSpeed, string> Speeds = new()
    {
        [ObjectSpeed.Slow] = "slowly",
        [ObjectSpeed.Quick] = "quickly",
    };

    private static readonly Dictionary<string, (ObjectShape Shape, bool Several)> Shapes = Enum.GetValues<ObjectShape>()
        .SelectMany(shape => new[] { (Word: Name(shape), shape, Several: false), (Word: Plural(shape), shape, Several: true) })
        .ToDictionary(entry => entry.Word, entry => (entry.shape, entry.Several));

    /// <summary>All words of the language, positions included.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        .. Counts, "and", "on", "background", ".", "at", "the", "word",
        .. Names<ObjectSize>(), .. Names<ObjectColour>(), .. Shapes.Keys, .. Names<SceneBackground>(), .. Names<SignWord>(),
        .. Motions.Values.SelectMany(words => new[] { words.One, words.Several, words.Direction }).OfType<string>().Distinct(), .. Speeds.Values,
        .. Enumerable.Range(0, GridCells).Select(cell => $"x{cell}"), .. Enumerable.Range(0, GridCells).Select(cell => $"y{cell}"),
    ];

    /// <summary>The caption of <paramref name="content"/>.</summary>
    public static string Format(CaptionContent content) =>
        Join(content.Background, [.. content.Objects.Select(item => $"{Noun(item)} {Verb(item)}"), .. content.Word is { } word ? [Sign(word)] : Array.Empty<string>()]);

    /// <summary>The caption of a still picture: what is where, alike objects from the left. Used in training only.</summary>
    internal static string FormatGrounded(ClipScene scene, double tick)
    {
        var objects = scene.Objects.Where(item => item.IsVisible(tick)).OrderBy(item => item.Description.Colour).Select(item =>
        {
            var places = Enumerable.Range(0, item.Description.Count).Select(member => item.At(tick, member)).OrderBy(place => place.X);
            return $"{Noun(item.Description)} at {string.Join(' ', places.Select(place => Place(place.X, place.Y)))}";
        });
        return Join(scene.Background.Kind, scene.Sign is { } sign
            ? objects.Append($"{Sign(sign.Word)} at {Place(sign.Left + (sign.Width / 2), sign.Top + (sign.Height / 2))}")
            : objects);
    }

    /// <summary><paramref name="caption"/> without the name of a colour. Used in training only.</summary>
    internal static string HideColour(string caption, ObjectColour colour) => Hide(caption, Name(colour));

    /// <summary><paramref name="caption"/> without the name of a shape. Used in training only.</summary>
    internal static string HideShape(string caption, ObjectShape shape) => Hide(caption, Name(shape), Plural(shape));

    /// <summary>
    /// The words that <paramref name="caption"/> cannot have at a place for no other reason than that training leaves some combinations out: "blue" before
    /// "cross", "cross" after "blue". Used in training only.
    /// </summary>
    /// <returns>Places of words, from 0, and the words.</returns>
    internal static IEnumerable<(int Place, string Word)> LeftOut(string caption)
    {
        var words = caption.Split(' ');
        for (var at = 3; at < words.Length; at++)
        {
            if (!Shapes.TryGetValue(words[at], out var noun))
            {
                continue;
            }

            var (shape, several) = noun;
            var count = Array.IndexOf(Counts, words[at - 3]) + 1;
            ObjectColour? colour = TryName<ObjectColour>(words[at - 1], out var named) ? named : null;
            var motion = MotionAt(words.AsSpan(at + 1));
            foreach (var other in Enum.GetValues<ObjectColour>().Where(other => HeldOutCombinations.Contains(shape, other)))
            {
                yield return (at - 1, Name(other));
            }

            for (var other = 1; other <= Counts.Length; other++)
            {
                if (HeldOutCombinations.Contains(shape, other))
                {
                    yield return (at - 3, Counts[other - 1]);
                }
            }

            foreach (var other in Enum.GetValues<ObjectShape>())
            {
                if ((colour is { } its && HeldOutCombinations.Contains(other, its)) || (motion is { } moves && HeldOutCombinations.Contains(other, moves)) || HeldOutCombinations.Contains(other, count))
                {
                    yield return (at, several ? Plural(other) : Name(other));
                }
            }

            foreach (var (other, (one, many, direction)) in Motions)
            {
                if (motion is not null && HeldOutCombinations.Contains(shape, other))
                {
                    yield return direction is null ? (at + 1, several ? many : one) : (at + 2, direction);
                }
            }
        }
    }

    /// <summary>Reads a caption; words that do not fit are passed over.</summary>
    public static CaptionContent Parse(string caption)
    {
        var words = caption.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var objects = new List<ObjectDescription>();
        SceneBackground? background = null;
        SignWord? word = null;
        for (var i = 0; i + 1 < words.Length; i++)
        {
            if (TryName<SceneBackground>(words[i], out var named) && words[i + 1] == "background")
            {
                background = named;
            }
            else if (words[i] == "word" && TryName<SignWord>(words[i + 1], out var read))
            {
                word = read;
            }
            else if (ParseObject(words.AsSpan(i)) is { } item)
            {
                objects.Add(item);
            }
        }

        return new CaptionContent(background, objects, word);
    }

    private static ObjectDescription? ParseObject(ReadOnlySpan<string> words)
    {
        var count = words.IsEmpty ? -1 : Array.IndexOf(Counts, words[0]);
        if (words.Length < 5
            || count < 0
            || !TryName<ObjectSize>(words[1], out var size)
            || !TryName<ObjectColour>(words[2], out var colour)
            || !Shapes.TryGetValue(words[3], out var noun)
            || noun.Several != (count > 0))
        {
            return null;
        }

        foreach (var (motion, (one, several, direction)) in Motions)
        {
            var rest = words[5..];
            if (words[4] != (noun.Several ? several : one) || (direction is not null && (rest.IsEmpty || rest[0] != direction)))
            {
                continue;
            }

            rest = direction is null ? rest : rest[1..];
            ObjectSpeed? speed = null;
            foreach (var (value, word) in Speeds)
            {
                speed = rest.Length > 0 && rest[0] == word ? value : speed;
            }

            return new ObjectDescription(size, colour, noun.Shape, motion, speed, count + 1);
        }

        return null;
    }

    private static ObjectMotion? MotionAt(ReadOnlySpan<string> words)
    {
        foreach (var (motion, (one, several, direction)) in Motions)
        {
            if (words.Length > 1 && (words[0] == one || words[0] == several) && (direction is null || words[1] == direction))
            {
                return motion;
            }
        }

        return null;
    }

    private static string Hide(string caption, params ReadOnlySpan<string> names)
    {
        var words = caption.Split(' ');
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = names.Contains(words[i]) ? WordTokenizer.UnknownWord : words[i];
        }

        return string.Join(' ', words);
    }

    private static string Join(SceneBackground? background, IEnumerable<string> parts) =>
        $"{string.Join(" and ", parts)} on a {Name(background)} background .".TrimStart();

    private static string Noun(ObjectDescription item) =>
        $"{Counts[item.Count - 1]} {Name(item.Size)} {Name(item.Colour)} {(item.Count > 1 ? Plural(item.Shape) : Name(item.Shape))}";

    private static string Verb(ObjectDescription item)
    {
        var (one, several, direction) = Motions[item.Motion];
        return string.Join(' ', new[] { item.Count > 1 ? several : one, direction, item.Speed is { } speed ? Speeds[speed] : null }.OfType<string>());
    }

    private static string Sign(SignWord word) => $"the word {Name(word)}";

    private static string Plural(ObjectShape shape) => Name(shape) + (shape == ObjectShape.Cross ? "es" : "s");

    private static string Place(double x, double y) => $"x{Cell(x)} y{Cell(y)}";

    private static int Cell(double place) => Math.Clamp((int)(place * GridCells), 0, GridCells - 1);

    private static string Name(object? value) => value?.ToString()?.ToLowerInvariant() ?? string.Empty;

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(value => Name(value));

    private static bool TryName<T>(string word, out T value)
        where T : struct, Enum => Enum.TryParse(word, ignoreCase: true, out value) && Name(value) == word;
}

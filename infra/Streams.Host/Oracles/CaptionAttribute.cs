using Streams.Host.Cli;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;

namespace Streams.Host.Oracles;

/// <summary>Something that a caption says of its clip, as a label.</summary>
internal sealed class CaptionAttribute
{
    /// <summary>Label of a clip whose caption does not say.</summary>
    public const string None = "none";

    private readonly Func<CaptionContent, object?> _read;

    private CaptionAttribute(string name, string description, int values, Func<CaptionContent, object?> read)
    {
        (Name, Description, Labels, _read) = (name, description, values + 1, read);
    }

    /// <summary>All there are.</summary>
    public static IReadOnlyList<CaptionAttribute> All { get; } =
    [
        Of<ObjectShape>("object", "the shape of the main object", item => item.Shape),
        Of<ObjectColour>("colour", "its colour", item => item.Colour),
        Of<ObjectSize>("size", "its size", item => item.Size),
        Of<ObjectMotion>("motion", "what it does", item => item.Motion),
        Of<ObjectSpeed>("speed", "how fast it moves", item => item.Speed),
        new("count", "how many there are of it", ObjectDescription.MaxCount, content => MainObject(content)?.Count),
        new("word", "the word that is read", Enum.GetValues<SignWord>().Length, content => content.Word),
        new("background", "the background", Enum.GetValues<SceneBackground>().Length, content => content.Background),
    ];

    public string Name { get; }

    public string Description { get; }

    /// <summary>How many different labels there can be, <see cref="None"/> among them.</summary>
    public int Labels { get; }

    /// <exception cref="StreamsException">No attribute has that name.</exception>
    public static CaptionAttribute Find(string name) =>
        All.FirstOrDefault(attribute => attribute.Name == name)
        ?? throw new StreamsException(
            $"--attribute is '{name}', which captions do not have", $"take one of {string.Join(", ", All.Select(attribute => $"{attribute.Name} ({attribute.Description})"))}");

    /// <summary>What <paramref name="caption"/> says, as one lower-case word.</summary>
    public string LabelOf(string caption) => _read(CaptionGrammar.Parse(caption))?.ToString()?.ToLowerInvariant() ?? None;

    private static CaptionAttribute Of<T>(string name, string description, Func<ObjectDescription, T?> read)
        where T : struct, Enum => new(name, description, Enum.GetValues<T>().Length, content => MainObject(content) is { } main ? read(main) : null);

    // The largest, and of several as large the one that the caption names first.
    private static ObjectDescription? MainObject(CaptionContent content) => content.Objects.MaxBy(item => item.Size);
}

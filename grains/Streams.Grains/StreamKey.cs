using System.Globalization;

namespace Streams.Grains;

/// <summary>The address of one key's grain: the same key of two runs, or of two topics, never shares state.</summary>
/// <param name="Run">The run, for instance <c>live</c>. Holds no '|'.</param>
/// <param name="Topic">The source topic. Holds no '|'.</param>
/// <param name="Key">Camera, sensor network or labelling task; any text.</param>
public readonly record struct StreamKey(string Run, string Topic, string Key)
{
    private const char Separator = '|';

    /// <summary>The grain's primary key, <c>RUN|TOPIC|KEY</c>.</summary>
    public override string ToString() => $"{Run}{Separator}{Topic}{Separator}{Key}";

    /// <summary>The address of the grain of a whole partition: its number stands for the key.</summary>
    public static StreamKey OfPartition(string run, string topic, int partition) => new(run, topic, partition.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">Fewer than two separators.</exception>
    public static StreamKey Parse(string text)
    {
        var parts = text.Split(Separator, 3);
        return parts.Length == 3
            ? new StreamKey(parts[0], parts[1], parts[2])
            : throw new FormatException($"'{text}' is not a grain key of the form RUN|TOPIC|KEY");
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Streams.Schemas.Results;

/// <summary>
/// The id of a result, made from where it came from and nothing else, so that doing the work again gives the same id:
/// <c>RUN/TOPIC/PARTITION/OFFSET/N</c>, the n-th result of one source record.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Topic">The source topic.</param>
/// <param name="Partition">The source partition.</param>
/// <param name="Offset">The source offset.</param>
/// <param name="N">From 0.</param>
public readonly record struct ResultId(string Run, string Topic, int Partition, long Offset, int N)
{
    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Run}/{Topic}/{Partition}/{Offset}/{N}");

    /// <summary>The same place in another run.</summary>
    public ResultId InRun(string run) => this with { Run = run };

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ResultId id)
    {
        id = default;
        var parts = text?.Split('/');
        if (parts is not { Length: 5 } || parts[0].Length == 0 || parts[1].Length == 0
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || !int.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out var n))
        {
            return false;
        }

        id = new ResultId(parts[0], parts[1], partition, offset, n);
        return true;
    }
}

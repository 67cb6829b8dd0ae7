using Streams.Processors.GraphFilter.Learning;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>The edges of the graph that was published last, as ascending numbers of pairs: how far a newer one is from them, and how they are kept.</summary>
internal static class PublishedEdges
{
    /// <summary>Jaccard distance: the share of pairs that only one of both has, of all that either has; 0 when both are empty.</summary>
    public static double Distance(ReadOnlySpan<int> before, ReadOnlySpan<int> now)
    {
        int i = 0, j = 0, both = 0;
        while (i < before.Length && j < now.Length)
        {
            var order = before[i].CompareTo(now[j]);
            both += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        var either = before.Length + now.Length - both;
        return either == 0 ? 0 : 1 - ((double)both / either);
    }

    /// <summary>Writes each pair as its distance from the one before.</summary>
    public static void Save(BinaryWriter writer, int[]? edges)
    {
        writer.Write(edges?.Length ?? -1);
        var last = -1;
        foreach (var pair in edges ?? [])
        {
            writer.Write7BitEncodedInt(pair - last);
            last = pair;
        }
    }

    /// <exception cref="FormatException">Not what <see cref="Save"/> writes of a graph of so many sensors.</exception>
    public static int[]? Read(BinaryReader reader, int sensors)
    {
        var count = reader.ReadInt32();
        if (count == -1)
        {
            return null;
        }

        var pairs = Edges.Count(sensors);
        var edges = count >= 0 && count <= pairs ? new int[count] : throw new FormatException($"{count} edges among {sensors} sensors");
        var last = -1;
        for (var i = 0; i < count; i++)
        {
            var step = reader.Read7BitEncodedInt();
            edges[i] = last = step > 0 && step < pairs - last ? last + step : throw new FormatException($"edge {i} is {step} pairs after {last} of {pairs}");
        }

        return edges;
    }
}

using System.Globalization;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>The graph that the parts amount to, and the whole as bytes.</summary>
internal sealed partial class BlockedFiller
{
    private const int MostNotes = 8;

    public int[] EdgePairs() => [.. Votes().Edges().Select(vote => Edges.Index(vote.Edge.From, vote.Edge.To, Sensors))];

    /// <summary>Edges of all parts; response, sign and threshold are those of the largest, the fit is the mean. Weights of all pairs are not given.</summary>
    public OnlineGraph Describe(IReadOnlyList<string> names)
    {
        var graphs = _blocks.ConvertAll(block => block.Filler.Describe([.. block.Part.Members.Select(i => names[i])]));
        var largest = graphs[_blocks.IndexOf(_blocks.MaxBy(block => block.Part.Members.Length)!)];
        var votes = new PartVotes();
        foreach (var (block, graph) in _blocks.Zip(graphs))
        {
            votes.Add(block.Part, block.Filler.Learner, graph.Weights);
        }

        var found = votes.Edges().OrderByDescending(vote => vote.Edge.Weight).ToArray();
        var (least, most) = (_blocks.Min(block => block.Part.Members.Length), _blocks.Max(block => block.Part.Members.Length));
        string[] notes =
        [
            string.Create(CultureInfo.InvariantCulture, $"{Sensors} sensors in {_blocks.Count} overlapping parts of {least} to {most}: ")
                + "the response is that of the largest, and pairs that share no part are not looked at",
            .. graphs.SelectMany(graph => graph.Notes).Distinct().Take(MostNotes),
        ];
        return largest with
        {
            Vertices = Sensors,
            Weights = [],
            Edges = [.. found.Select(vote => vote.Edge)],
            Stability = [.. found.Select(vote => vote.Stability)],
            Fit = graphs.Average(graph => graph.Fit),
            Alarms = graphs.Max(graph => graph.Alarms),
            Notes = notes,
        };
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Rows);
        Covariance.Save(writer);
        writer.Write(_blocks.Count);
        foreach (var block in _blocks)
        {
            writer.Write(block.Part.Members.Length);
            writer.Write(block.Part.Core);
            foreach (var member in block.Part.Members)
            {
                writer.Write(member);
            }

            GapFillerState.Save(writer, block.Filler);
        }
    }

    /// <exception cref="FormatException">Not of so many sensors, or damaged.</exception>
    public static BlockedFiller Read(BinaryReader reader, int sensors, FillingOptions options, byte version)
    {
        var rows = reader.ReadInt64();
        var covariance = new RecursiveCovariance(sensors, options.Learning.Forgetting);
        covariance.Continue(RecursiveCovariance.Read(reader, sensors));
        var filler = new BlockedFiller(covariance, options) { Rows = rows };
        var core = new HashSet<int>();
        for (var left = reader.Count(4 * sizeof(int)); left > 0; left--)
        {
            var part = new NetworkPart(new int[reader.Count(sizeof(int))], reader.ReadInt32());
            for (var a = 0; a < part.Members.Length; a++)
            {
                part.Members[a] = reader.ReadInt32() is var member && member >= 0 && member < sensors
                    ? member
                    : throw new FormatException($"a part with sensor {member} of {sensors}");
            }

            if (part.Core < 1 || part.Core > part.Members.Length || !part.Members.Take(part.Core).All(core.Add))
            {
                throw new FormatException($"a part of {part.Core} and {part.Members.Length} sensors");
            }

            filler._blocks.Add(new FillerBlock(part, GapFillerState.Read(reader, part.Members.Length, options, version)));
        }

        return core.Count == sensors ? filler : throw new FormatException($"parts of {core.Count} of {sensors} sensors");
    }

    private PartVotes Votes()
    {
        var votes = new PartVotes();
        foreach (var block in _blocks)
        {
            votes.Add(block.Part, block.Filler.Learner);
        }

        return votes;
    }
}

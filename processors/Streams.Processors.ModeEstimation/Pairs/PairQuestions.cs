using Streams.Schemas;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// Which comparisons of samples with bins were asked for and what was answered. At no time is a comparison asked more often than it lacks for
/// a majority if all answers to come agree (once, where answers are right). So no question is superfluous whatever the answers are, and
/// the verdict and the number of answers it took do not depend on the order in which they come.
/// </summary>
internal sealed class PairQuestions(PairRepetition repetition)
{
    private readonly List<Comparison> _comparisons = [];

    /// <summary>The comparison of each query, and its answer; queries are numbered as they were asked.</summary>
    private readonly List<(int Comparison, Reply Reply)> _asked = [];

    /// <summary>The comparison of each pair of samples, the smaller number first.</summary>
    private readonly Dictionary<(int, int), int> _byPair = [];

    /// <summary>The bin that a sample is known to be in from an answer; kept only where answers are right.</summary>
    private readonly Dictionary<int, int> _knownBins = [];

    private enum Reply : byte
    {
        None,
        Equal,
        Unequal,
    }

    /// <summary>Queries asked.</summary>
    public int Asked => _asked.Count;

    /// <summary>Whether one answer settles a comparison.</summary>
    private bool IsExact => repetition.Answers == 1;

    public int SampleOf(int query) => _comparisons[_asked[query].Comparison].Sample;

    public int BinOf(int query) => _comparisons[_asked[query].Comparison].Bin;

    public int OtherOf(int query) => _comparisons[_asked[query].Comparison].Representative;

    /// <summary>Whether <paramref name="query"/> lacks an answer that could still tell something.</summary>
    public bool IsWanted(int query)
    {
        var (at, reply) = _asked[query];
        return reply == Reply.None && !_knownBins.ContainsKey(_comparisons[at].Sample);
    }

    /// <summary>The bin of <paramref name="sample"/> as far as right answers told it; null when they did not, and always null with noise.</summary>
    public int? KnownBin(int sample) => _knownBins.TryGetValue(sample, out var bin) ? bin : null;

    /// <summary>Whether <paramref name="sample"/> equals <paramref name="representative"/>, and how many answers that took; null while it is open.</summary>
    public (bool Equal, int Answers)? Verdict(int sample, int representative)
    {
        if (!_byPair.TryGetValue(Pair(sample, representative), out var at))
        {
            return null;
        }

        var comparison = _comparisons[at];
        return comparison.Equal >= repetition.Majority ? (true, comparison.Answers)
            : comparison.Unequal >= repetition.Majority ? (false, comparison.Answers)
            : null;
    }

    /// <summary>Asks for answers that the comparison surely needs and that are not under way, <paramref name="most"/> at most.</summary>
    /// <returns>How many new queries; their numbers are the last ones.</returns>
    public int Ask(int sample, int bin, int representative, int most)
    {
        var pair = Pair(sample, representative);
        if (!_byPair.TryGetValue(pair, out var at))
        {
            at = _comparisons.Count;
            _byPair.Add(pair, at);
            _comparisons.Add(new Comparison(sample, bin, representative, _asked.Count));
        }

        var comparison = _comparisons[at];
        var lacking = repetition.Majority - Math.Max(comparison.Equal, comparison.Unequal) - comparison.Open;
        var asked = Math.Min(lacking, most);
        for (var i = 0; i < asked; i++)
        {
            _asked.Add((at, Reply.None));
        }

        comparison.Open += asked;
        return asked;
    }

    /// <summary>Takes an answer.</summary>
    /// <param name="query">The query's number; null when the pair alone tells it.</param>
    /// <param name="sample">One of the two samples.</param>
    /// <param name="other">The other one.</param>
    /// <param name="equal">The answer.</param>
    /// <returns>Null when the answer is new; else whether it says the same as the one known.</returns>
    /// <exception cref="RecordFormatException">Never asked, or it contradicts what is known; nothing has changed.</exception>
    public bool? Take(long? query, int sample, int other, bool equal)
    {
        var number = Find(query, sample, other);
        var (at, reply) = _asked[number];
        if (reply != Reply.None)
        {
            return reply == (equal ? Reply.Equal : Reply.Unequal);
        }

        var comparison = _comparisons[at];
        if (IsExact && equal && KnownBin(comparison.Sample) is { } bin && bin != comparison.Bin)
        {
            throw new RecordFormatException(
                "data.equal",
                $"is true, but sample {comparison.Sample} was said to equal the sample of bin {bin}, which differs from sample {comparison.Representative}; one of the two answers is wrong, and the first one counts");
        }

        Record(number, equal);
        return null;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_comparisons.Count);
        foreach (var comparison in _comparisons)
        {
            writer.Write7BitEncodedInt(comparison.Sample);
            writer.Write7BitEncodedInt(comparison.Bin);
            writer.Write7BitEncodedInt(comparison.Representative);
            writer.Write7BitEncodedInt(comparison.FirstQuery);
        }

        writer.Write7BitEncodedInt(_asked.Count);
        foreach (var (comparison, reply) in _asked)
        {
            writer.Write7BitEncodedInt(comparison);
            writer.Write((byte)reply);
        }
    }

    public void Restore(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var comparison = new Comparison(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
            _byPair.Add(Pair(comparison.Sample, comparison.Representative), _comparisons.Count);
            _comparisons.Add(comparison);
        }

        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            _asked.Add((reader.Read7BitEncodedInt(), Reply.None));
            _comparisons[_asked[^1].Comparison].Open++;
            var reply = (Reply)reader.ReadByte();
            if (reply != Reply.None)
            {
                Record(_asked.Count - 1, reply == Reply.Equal);
            }
        }
    }

    private static (int, int) Pair(int sample, int other) => (Math.Min(sample, other), Math.Max(sample, other));

    private void Record(int number, bool equal)
    {
        var at = _asked[number].Comparison;
        _asked[number] = (at, equal ? Reply.Equal : Reply.Unequal);
        var comparison = _comparisons[at];
        comparison.Open--;
        if (!equal)
        {
            comparison.Unequal++;
            return;
        }

        comparison.Equal++;
        if (IsExact)
        {
            _knownBins[comparison.Sample] = comparison.Bin;
        }
    }

    private int Find(long? query, int sample, int other)
    {
        if (query is null && !IsExact)
        {
            throw new RecordFormatException("data.query", "is missing; the task has pairNoise and asks about a pair several times, so give the number of the query");
        }

        if (query >= _asked.Count)
        {
            throw new RecordFormatException(
                "data.query", $"is {query}, which was never asked ({_asked.Count} queries so far, from 0); answer queries of {Topics.LabelQueries}");
        }

        if (query is { } number && Pair(SampleOf((int)number), OtherOf((int)number)) != Pair(sample, other))
        {
            throw new RecordFormatException(
                "data.sample", $"is {sample}, compared with {other}, but query {number} asked about samples {SampleOf((int)number)} and {OtherOf((int)number)}; answer with those");
        }

        return query is { } given ? (int)given
            : _byPair.TryGetValue(Pair(sample, other), out var at) ? _comparisons[at].FirstQuery
            : throw new RecordFormatException(
                "data.sample", $"is {sample}, and whether it equals sample {other} was never asked; answer queries of {Topics.LabelQueries}");
    }

    private sealed class Comparison(int sample, int bin, int representative, int firstQuery)
    {
        public int Sample => sample;

        public int Bin => bin;

        public int Representative => representative;

        public int FirstQuery => firstQuery;

        public int Equal { get; set; }

        public int Unequal { get; set; }

        public int Open { get; set; }

        public int Answers => Equal + Unequal;
    }
}

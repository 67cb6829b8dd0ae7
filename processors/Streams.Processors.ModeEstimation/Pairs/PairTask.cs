using Streams.Processors.ModeEstimation.Active;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>A task of query model pairs between its definition and its end.</summary>
/// <remarks>
/// Samples are compared in the order of the draws (<see cref="DrawSequence"/>), each draw with the bins that the draws before it left,
/// whatever the order in which answers come; so the outcome, and what the budget is charged, are those of asking one question at a time.
/// Questions that a draw further on will need by the present order of the bins are asked ahead of time, up to <c>inFlight</c> open ones.
/// Some of these turn out not to be needed; they are asked and not used. A sample that is drawn again is not compared again.
/// </remarks>
internal sealed class PairTask : IOpenTask
{
    private const string CensusRule = "census/1";
    private readonly ModeEstimationOptions _options;
    private readonly PairRepetition _repetition;
    private readonly PairModeEstimator _estimator;
    private readonly PairQuestions _questions;
    private readonly DrawSequence _draws;

    private readonly PairCensus _census;
    private readonly long _firstOffset;

    /// <summary>Queries that lack an answer and are worth one.</summary>
    private readonly List<int> _open = [];

    /// <param name="definition">What was asked for.</param>
    /// <param name="firstOffset">Offset of the record that opened it.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="RecordFormatException">The budget does not allow one comparison at the noise given.</exception>
    public PairTask(LabelTask definition, long firstOffset, ModeEstimationOptions options)
        : this(definition, firstOffset, options, RepetitionOf(definition), null)
    {
        Advance();
    }

    private PairTask(LabelTask definition, long firstOffset, ModeEstimationOptions options, PairRepetition repetition, BinaryReader? state)
    {
        Definition = definition;
        _firstOffset = firstOffset;
        _options = options;
        _repetition = repetition;
        _questions = new PairQuestions(repetition);
        _draws = new DrawSequence(definition.Task, Pool);
        _census = new PairCensus(Pool);
        var (labels, delta, budget) = (definition.LabelBound(), repetition.EliminationDelta, definition.MaxQueries!.Value);
        _estimator = state is null
            ? new PairModeEstimator(labels, delta, budget, definition.Rule, repetition.Answers)
            : PairModeEstimator.Restore(state, labels, delta, budget, definition.Rule, repetition.Answers);
    }

    public LabelTask Definition { get; }

    public bool IsImplied => false;

    public LabelProgress Progress => new(
        _estimator.Samples,
        null,
        _estimator.LeaderCount,
        _estimator.RunnerUpCount,
        _estimator.LeaderNeeded,
        LeaderSample,
        _estimator.QueriesUsed,
        _estimator.Left.Count);

    private int Pool => Definition.Pool!.Value;

    private int? LeaderSample => _estimator.Left.Count == 0 ? null : _estimator.Representatives[_estimator.Left[0]];

    /// <summary>Whether counting the pool settles it, as far as no label was rejected wrongly.</summary>
    private bool IsCounted => _census.Rest == 0 || _census.Largest(_estimator.Left).Lead > _census.Rest;

    private bool IsEnded => _estimator.IsDecided || _estimator.IsSpent || IsCounted;

    /// <summary>Takes an answer.</summary>
    /// <returns>Null when it is new; else whether it says the same as the one known.</returns>
    /// <exception cref="RecordFormatException">The answer cannot belong to the task, or contradicts others; nothing has changed.</exception>
    public bool? Take(LabelPair answer)
    {
        CheckInPool("data.sample", answer.Sample);
        CheckInPool("data.other", answer.Other);
        CheckNumberOfLabels(answer);
        var known = _questions.Take(answer.Query, answer.Sample, answer.Other, answer.Equal);
        if (known is null)
        {
            Advance();
        }

        return known;
    }

    public IEnumerable<LabelQuery> Ask()
    {
        var first = _questions.Asked;
        _open.RemoveAll(query => !IsWanted(query));
        if (_estimator.Wanted is { } bin)
        {
            Ask(_draws[_estimator.Samples], bin);
            AskAhead();
        }

        return Queries(Enumerable.Range(first, _questions.Asked - first));
    }

    public IEnumerable<LabelQuery> AskAgain()
    {
        _open.RemoveAll(query => !IsWanted(query));
        return Queries(_open);
    }

    public LabelMode? Outcome(long lastOffset) => Outcome() is { } outcome ? At(outcome, lastOffset) : null;

    public LabelMode? GiveUp(long lastOffset) => At(Abstention(), lastOffset);

    private LabelMode At(LabelMode outcome, long lastOffset) => outcome with { FirstOffset = _firstOffset, LastOffset = lastOffset };

    private LabelMode Abstention() => Result(LabelModeStatus.Abstain, _estimator.Rule, _estimator.Left.Count == 0 ? -1 : _estimator.Left[0]);

    private LabelMode? Outcome()
    {
        // The rule first: it is what the definition asked for, and small pools are where counting comes before it.
        if (_estimator.IsDecided)
        {
            return Result(LabelModeStatus.Decided, _estimator.Rule, _estimator.Left[0]);
        }

        if (IsCounted)
        {
            var (largest, lead) = _census.Largest(_estimator.Left);
            return Result(lead > 0 ? LabelModeStatus.Decided : LabelModeStatus.Abstain, CensusRule, largest);
        }

        return _estimator.IsSpent ? Abstention() : null;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(_firstOffset);
        PairTaskState.SaveDefinition(writer, Definition);
        _estimator.Save(writer);
        _questions.Save(writer);
        _census.Save(writer);
    }

    public static PairTask Restore(BinaryReader reader, string task, int version, ModeEstimationOptions options)
    {
        var firstOffset = reader.Read7BitEncodedInt64();
        var definition = PairTaskState.RestoreDefinition(reader, task, version);
        var restored = new PairTask(definition, firstOffset, options, RepetitionOf(definition), reader);
        restored._questions.Restore(reader);
        restored._census.Restore(reader);
        restored._open.AddRange(Enumerable.Range(0, restored._questions.Asked).Where(restored.IsWanted));
        return restored;
    }

    private static PairRepetition RepetitionOf(LabelTask definition) =>
        PairRepetition.For(definition.PairNoise ?? 0, definition.Delta, definition.MaxQueries!.Value) ?? throw new RecordFormatException(
            "data.pairNoise",
            FormattableString.Invariant(
                $"is {definition.PairNoise}, at which one comparison takes more answers than the {Math.Min(definition.MaxQueries!.Value, PairRepetition.MostAnswers)} that can be asked for; give a larger maxQueries or better oracles"));

    /// <summary>Looks at draws as far as answers reach.</summary>
    private void Advance()
    {
        while (!IsEnded)
        {
            var sample = _draws[_estimator.Samples];
            if (_estimator.Wanted is { } wanted)
            {
                if (Verdict(sample, wanted) is not { } verdict)
                {
                    return;
                }

                _estimator.Answer(verdict.Equal, verdict.Answers);
            }
            else if (_census.BinOf(sample) is { } bin)
            {
                _estimator.Repeat(bin);
                continue;
            }
            else
            {
                _estimator.Begin(sample);
            }

            if (_estimator.Wanted is null)
            {
                _census.Add(sample, _estimator.LastBin);
            }
        }
    }

    /// <summary>An answer ahead of its time may tell a sample's bin at once; what asking in order would have taken is charged all the same.</summary>
    private (bool Equal, int Answers)? Verdict(int sample, int bin) =>
        _questions.KnownBin(sample) is { } known ? (known == bin, 1) : _questions.Verdict(sample, _estimator.Representatives[bin]);

    private void Ask(int sample, int bin)
    {
        var most = Math.Max(0, Definition.InFlight - _open.Count);
        for (var count = _questions.Ask(sample, bin, _estimator.Representatives[bin], most); count > 0; count--)
        {
            _open.Add(_questions.Asked - count);
        }
    }

    private void AskAhead()
    {
        // So many draws at least are looked at before any stop, the one under way among them: the leader alone can end the task, one count a draw.
        var sure = Math.Max(1, (_estimator.LeaderNeeded ?? 0) - _estimator.LeaderCount);
        var ahead = _options.AskOnlyWhatIsNeeded ? sure - 1 : (long)Definition.InFlight * _options.AnswersAhead;
        var next = _estimator.Samples + 1;
        for (var draw = next; draw < next + ahead && _open.Count < Definition.InFlight && _questions.Asked < Definition.MaxQueries; draw++)
        {
            var sample = _draws[draw];
            if (sample == _draws[_estimator.Samples] || _census.Contains(sample) || _questions.KnownBin(sample) is not null)
            {
                continue;
            }

            foreach (var bin in _estimator.Left)
            {
                var verdict = _questions.Verdict(sample, _estimator.Representatives[bin]);
                if (verdict is null && !(_estimator.InfersLast && bin == _estimator.Left[^1]))
                {
                    Ask(sample, bin);
                }

                if (verdict is not { Equal: false })
                {
                    break;
                }
            }
        }
    }

    private bool IsWanted(int query) =>
        _questions.IsWanted(query) && !_census.Contains(_questions.SampleOf(query)) && _estimator.Left.Contains(_questions.BinOf(query));

    private IEnumerable<LabelQuery> Queries(IEnumerable<int> numbers)
    {
        var progress = Progress;
        return numbers.Select(number =>
            new LabelQuery(Definition.Task, LabelQueryKind.Compare, number, _questions.SampleOf(number), progress, _questions.OtherOf(number))).ToList();
    }

    private void CheckInPool(string field, int sample)
    {
        if (sample >= Pool)
        {
            throw new RecordFormatException(field, $"is {sample}, which is not in the pool of this task; give a number from 0 to {Pool - 1}");
        }
    }

    /// <summary>K is a promise that rules count on: an answer that would make one label more is refused while that can be told, and its query stays open.</summary>
    private void CheckNumberOfLabels(LabelPair answer)
    {
        var representatives = _estimator.Representatives;
        if (answer.Equal || _repetition.Answers > 1 || representatives.Count < Definition.LabelBound() || _estimator.Left.Count < representatives.Count)
        {
            return;
        }

        var sample = representatives.Contains(answer.Sample) ? answer.Other : answer.Sample;
        var representative = sample == answer.Sample ? answer.Other : answer.Sample;
        if (!_census.Contains(sample)
            && representatives.All(other => other == representative || _questions.Verdict(sample, other) is { Equal: false }))
        {
            throw new RecordFormatException(
                "data.equal",
                $"is false, which makes sample {sample} differ from all {Definition.Labels} labels that the task's definition allows; define a new task with more labels, or correct the answer");
        }
    }

    private LabelMode Result(LabelModeStatus status, string rule, int bin)
    {
        var counts = _estimator.Counts;
        var first = bin < 0 ? 0 : counts.Counts[bin];
        var certain = rule == CensusRule && _estimator.Left.Count == _estimator.Representatives.Count;
        var decided = status == LabelModeStatus.Decided;
        return new LabelMode(
            Definition.Task,
            status,
            null,
            Definition.Delta,
            _estimator.Samples,
            _questions.Asked,
            _census.Rest,
            first,
            bin == counts.Leader ? counts.Second : counts.First,
            _estimator.LogEValue,
            decided ? certain ? 0 : Math.Min(Definition.Delta, _estimator.PValue) : _estimator.PValue,
            rule,
            ModeSample: bin < 0 ? null : _estimator.Representatives[bin],
            QueriesUsed: _estimator.QueriesUsed,
            CandidateSamples: decided ? null : [.. _estimator.Left.Select(left => _estimator.Representatives[left])]);
    }
}

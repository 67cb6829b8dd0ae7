using Streams.Processors.ModeEstimation.Active;
using Streams.Processors.ModeEstimation.Drift;
using Streams.Processors.ModeEstimation.Passive;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation;

/// <summary>A task of query model labels, or a passive one, between its definition and its end.</summary>
internal sealed class OpenTask : ISampleTask
{
    private const string CensusRule = "census/1";
    private readonly ModeEstimationOptions _options;

    /// <summary>The rule in force, which <see cref="Definition"/> may leave to the default.</summary>
    private readonly string _rule;

    /// <summary>Number of the epoch, from 1.</summary>
    private readonly int _epoch;

    /// <summary>Null for a task that state of version 1 opened, whose result keeps the form of that version.</summary>
    private readonly long? _firstOffset;
    private readonly LabelTable _labels;
    private readonly ModeEstimator _estimator;
    private readonly PoolQueries? _queries;
    private readonly PassiveSamples? _samples;

    /// <param name="definition">What was asked for.</param>
    /// <param name="isImplied">The definition was made from the defaults because samples came without one.</param>
    /// <param name="firstOffset">Offset of the record that opened it.</param>
    /// <param name="options">Settings.</param>
    public OpenTask(LabelTask definition, bool isImplied, long firstOffset, ModeEstimationOptions options)
        : this(
            definition,
            definition.Rule ?? LabelRules.Default,
            isImplied,
            1,
            firstOffset,
            options,
            new LabelTable(),
            new ModeEstimator(definition, definition.Rule ?? LabelRules.Default, new TopTwo()),
            definition.Pool is { } pool ? new PoolQueries(definition.Task, pool) : null,
            definition.Pool is null ? new SampleMemory(options.RememberedSamples) : null)
    {
    }

    private OpenTask(
        LabelTask definition,
        string rule,
        bool isImplied,
        int epoch,
        long? firstOffset,
        ModeEstimationOptions options,
        LabelTable labels,
        ModeEstimator estimator,
        PoolQueries? queries,
        SampleMemory? memory)
    {
        Definition = definition;
        _rule = rule;
        IsImplied = isImplied;
        _epoch = epoch;
        _firstOffset = firstOffset;
        _options = options;
        _labels = labels;
        _estimator = estimator;
        _queries = queries;
        _samples = memory is null ? null : new PassiveSamples(definition, isImplied, labels, memory);
    }

    public LabelTask Definition { get; }

    public bool IsImplied { get; }

    public LabelProgress Progress =>
        new(_estimator.Counted, TextOf(_estimator.Leader), _estimator.LeaderCount, _estimator.RunnerUpCount, _estimator.LeaderNeeded);

    private long LastDraw => Definition.MaxLabels ?? long.MaxValue;

    private bool IsSpent => _estimator.Counted >= LastDraw;

    /// <summary>A task that was decided, opened again with nothing counted.</summary>
    /// <param name="definition">What was asked for.</param>
    /// <param name="rule">The rule in force.</param>
    /// <param name="epoch">Number of the new epoch.</param>
    /// <param name="firstOffset">Offset of the record that opens it again.</param>
    /// <param name="options">Settings.</param>
    /// <param name="labels">Labels seen so far.</param>
    /// <param name="memory">Samples seen lately.</param>
    public static OpenTask Reopen(
        LabelTask definition, string rule, int epoch, long firstOffset, ModeEstimationOptions options, LabelTable labels, SampleMemory memory) =>
        new(definition, rule, isImplied: false, epoch, firstOffset, options, labels, new ModeEstimator(definition, rule, new TopTwo()), null, memory);

    public bool? Take(LabelSample sample)
    {
        if (_queries is null)
        {
            return TakePassive(sample);
        }

        if (!_queries.TryParse(sample.Sample, out var number))
        {
            throw new RecordFormatException(
                "data.sample",
                $"is '{LabelTable.Shown(sample.Sample)}', which is not in the pool of this task; give a number from 0 to {Definition.Pool - 1}");
        }

        if (sample.Query is { } query)
        {
            CheckAsked(_queries, query, number);
        }

        if (_queries.LabelOf(number) is { } known)
        {
            return TextOf(known) == sample.Label;
        }

        _queries.Learn(number, _labels.Admit(sample.Label!, Definition, IsImplied));
        while (!_estimator.IsSettled && !IsSpent && !_queries.IsCensusDecided && !_queries.IsExhausted && _queries.TryCount(out var label))
        {
            _estimator.Add(label);
        }

        return null;
    }

    /// <summary>New queries that are due now.</summary>
    public IEnumerable<LabelQuery> Ask()
    {
        if (_queries is null)
        {
            yield break;
        }

        // So many draws at least come before any stop, whatever their labels: the leader alone can end the task, one count a draw.
        var progress = Progress;
        var sure = progress.Labels + _estimator.LeaderNeeded - progress.LeaderCount;
        var lastDraw = _options.AskOnlyWhatIsNeeded ? Math.Min(LastDraw, sure) : LastDraw;
        foreach (var query in _queries.Ask(Definition.InFlight, Definition.InFlight * _options.AnswersAhead, lastDraw))
        {
            yield return QueryOf(query, progress);
        }
    }

    /// <summary>Every query without an answer: each is for a draw that comes before the budget ends, so its answer will be counted unless the task stops first.</summary>
    public IEnumerable<LabelQuery> AskAgain()
    {
        var progress = Progress;
        return _queries is null ? [] : [.. _queries.Unanswered().Select(query => QueryOf(query, progress))];
    }

    /// <summary>The result, once the task is at its end; null before.</summary>
    /// <param name="offset">Of the record that came last.</param>
    public LabelMode? Outcome(long offset)
    {
        // Certain beats probable: what is settled by counting the pool is reported as such.
        if (_queries is { IsCensusDecided: true } or { IsExhausted: true })
        {
            var known = _queries.Known;
            return known.First > known.Second
                ? Result(LabelModeStatus.Decided, CensusRule, known, known.Leader, offset) with { PValue = 0 }
                : Result(LabelModeStatus.Abstain, CensusRule, known, known.Leader, offset) with { PValue = 1 };
        }

        return _estimator.Mode is { } mode ? Result(LabelModeStatus.Decided, _estimator.Rule, _estimator.Counts, mode, offset)
            : _estimator.IsWithinTolerance ? Result(LabelModeStatus.EpsMode, _estimator.Rule, _estimator.Counts, _estimator.Leader, offset)
            : IsSpent ? GiveUp(offset)
            : null;
    }

    public LabelMode? GiveUp(long offset) => Result(LabelModeStatus.Abstain, _estimator.Rule, _estimator.Counts, _estimator.Leader, offset);

    public IOpenTask? Next(LabelMode outcome) =>
        Definition.DriftAlarm is { } alarm && outcome.Status is LabelModeStatus.Decided or LabelModeStatus.EpsMode
            ? new WatchedTask(
                Definition, _rule, _epoch, outcome.LastOffset!.Value, _options, _labels, _samples!.Memory, new ModeDriftDetector(_labels.NumberOf(outcome.Mode!)!.Value, alarm))
            : null;

    public void Save(BinaryWriter writer)
    {
        TaskDefinitionState.Save(writer, Definition, _rule, IsImplied);
        writer.Write7BitEncodedInt(_epoch);
        writer.Write7BitEncodedInt64((_firstOffset ?? -1) + 1);
        writer.Write7BitEncodedInt(_labels.Texts.Count);
        for (var label = 0; label < _labels.Texts.Count; label++)
        {
            writer.Write(_labels.Texts[label]);
            writer.Write7BitEncodedInt64(label < _estimator.Counts.Counts.Count ? _estimator.Counts.Counts[label] : 0);
        }

        writer.Write7BitEncodedInt(_estimator.Leader + 1);
        _estimator.SaveRule(writer);
        _queries?.Save(writer);
        _samples?.Memory.Save(writer);
    }

    public static OpenTask Restore(BinaryReader reader, string task, int version, ModeEstimationOptions options)
    {
        var (definition, rule, isImplied) = TaskDefinitionState.Restore(reader, task, version);
        var epoch = version < 3 ? 1 : reader.Read7BitEncodedInt();
        var firstOffset = version == 1 || reader.Read7BitEncodedInt64() is not (var next and > 0) ? (long?)null : next - 1;
        var labels = new LabelTable();
        var counts = new List<long>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            labels.GetOrAdd(reader.ReadString());
            counts.Add(reader.Read7BitEncodedInt64());
        }

        var top = TopTwo.Restore(counts, reader.Read7BitEncodedInt() - 1);
        var estimator = new ModeEstimator(definition, rule, top);
        estimator.RestoreRule(reader);
        return new OpenTask(
            definition,
            rule,
            isImplied,
            epoch,
            firstOffset,
            options,
            labels,
            estimator,
            definition.Pool is { } pool ? PoolQueries.Restore(reader, task, pool) : null,
            definition.Pool is null ? SampleMemory.Restore(reader, options.RememberedSamples) : null);
    }

    private static void CheckAsked(PoolQueries queries, long query, int sample)
    {
        if (query >= queries.Asked.Count)
        {
            throw new RecordFormatException(
                "data.query", $"is {query}, which was never asked ({queries.Asked.Count} queries so far, from 0); answer queries of {Topics.LabelQueries}");
        }

        if (queries.Asked[(int)query] != sample)
        {
            throw new RecordFormatException("data.sample", $"is {sample} but query {query} asked about sample {queries.Asked[(int)query]}; answer with that one");
        }
    }

    private bool? TakePassive(LabelSample sample)
    {
        if (_samples!.Take(sample, out var label) is { } known)
        {
            return known == sample.Label;
        }

        _estimator.Add(label);
        return null;
    }

    private string? TextOf(int label) => label < 0 ? null : _labels.Texts[label];

    private LabelMode Result(LabelModeStatus status, string rule, TopTwo counts, int mode, long offset)
    {
        // A rule that rejects one label after the other may name one that is not in the lead.
        var first = mode < 0 ? 0 : counts.Counts[mode];
        var second = mode == counts.Leader ? counts.Second : counts.First;
        var result = new LabelMode(
            Definition.Task,
            status,
            TextOf(mode),
            Definition.Delta,
            counts.Total,
            _queries?.Asked.Count ?? 0,
            _queries?.Unasked ?? SavedAgainstFixedDesign(status, first, second),
            first,
            second,
            _estimator.LogEValue,
            _estimator.PValue,
            rule);
        if (_firstOffset is null)
        {
            return result;
        }

        // Of a pool counted to its end, the labels that are level; else what the rule has left.
        var isOpen = status != LabelModeStatus.Decided;
        var isCensus = rule == CensusRule;
        var unrejected = Enumerable.Range(0, _labels.Texts.Count)
            .Where(label => isCensus ? counts.Of(label) == counts.First : !_estimator.IsRejected(label))
            .OrderByDescending(counts.Of).ThenBy(label => label).ToList();
        var unseen = isCensus || _estimator.IsRejected(_labels.Texts.Count) ? 0 : Definition.LabelBound() - _labels.Texts.Count;
        return result with
        {
            Unrejected = isOpen ? [.. unrejected.Take(LabelMode.MaxUnrejected).Select(label => _labels.Texts[label])] : null,
            UnrejectedCount = isOpen ? unrejected.Count + unseen : null,
            FirstOffset = _firstOffset,
            LastOffset = offset,
            Epoch = _epoch == 1 ? null : _epoch,
        };
    }

    private LabelQuery QueryOf(int query, LabelProgress progress) => new(Definition.Task, LabelQueryKind.Ask, query, _queries!.Asked[query], progress);

    private long SavedAgainstFixedDesign(LabelModeStatus status, long first, long second)
    {
        if (status == LabelModeStatus.Abstain)
        {
            return 0;
        }

        var counted = _estimator.Counted;
        var gap = Definition.Tolerance ?? (2 * (Definition.RelativeTolerance ?? 0) * (first + second) / counted);
        return Math.Max(0, Stopping.Evidence.FixedDesign(Definition.LabelBound(), Definition.Delta, first, second, counted, gap) - counted);
    }
}

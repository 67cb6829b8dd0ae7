using Streams.Processors.ModeEstimation;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests;

/// <summary>One task's processor, fed a record at a time, with what came out decoded.</summary>
internal sealed class TaskHarness(string task = "t", ModeEstimationOptions? options = null, byte[]? state = null)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly ModeEstimationProcessorFactory _factory = new(options);
    private IRecordProcessor? _processor;

    public string Task => task;

    public ModeEstimationOptions? Options => options;

    public List<InputRecord> Log { get; } = [];

    public List<ResultDraft> Results { get; } = [];

    public List<Rejection> Rejections { get; } = [];

    public List<LabelQuery> Queries { get; } = [];

    public List<LabelMode> Modes { get; } = [];

    public IEnumerable<LabelQuery> Asks => Queries.Where(query => query.Kind == LabelQueryKind.Ask);

    public IEnumerable<LabelQuery> Comparisons => Queries.Where(query => query.Kind == LabelQueryKind.Compare);

    public bool IsStopped => Queries.Any(query => query.Kind == LabelQueryKind.Stop);

    public LabelMode Mode => Assert.Single(Modes);

    public LabelTaskProcessor Processor => (LabelTaskProcessor)(_processor ??= _factory.Create(task, state));

    public LabelTaskStatistics Statistics => Processor.Statistics;

    public static InputRecord Record(long offset, string type, byte[] payload) => new(3, offset, Start.AddSeconds(offset), type, payload);

    /// <summary>Applies the record; the queries that came of it.</summary>
    public IReadOnlyList<LabelQuery> Send(string type, byte[] payload)
    {
        var record = Record(Log.Count, type, payload);
        Log.Add(record);
        return Apply([record]);
    }

    public IReadOnlyList<LabelQuery> Define(double delta, int labels, int? pool = null, int inFlight = 8, int? maxLabels = null, string? rule = null) =>
        Define(new LabelTask(task, delta, labels, pool, inFlight, maxLabels, rule));

    public IReadOnlyList<LabelQuery> Define(LabelTask definition) => Send(EventTypes.LabelTask, LabelCodec.Encode(definition));

    public IReadOnlyList<LabelQuery> DefinePairs(
        double delta, int labels, int pool, int inFlight = 8, int maxQueries = 1_000_000, string? rule = null, double? noise = null) =>
        Send(
            EventTypes.LabelTask,
            LabelCodec.Encode(new LabelTask(task, delta, labels, pool, inFlight, Rule: rule, QueryModel: QueryModels.Pairs, MaxQueries: maxQueries, PairNoise: noise)));

    public IReadOnlyList<LabelQuery> Send(LabelPair answer) => Send(EventTypes.LabelPair, LabelCodec.Encode(answer));

    public IReadOnlyList<LabelQuery> Send(LabelSample sample) => Send(EventTypes.LabelSample, LabelCodec.Encode(sample));

    public IReadOnlyList<LabelQuery> Send(string sample, string label, long? query = null) => Send(new LabelSample(task, sample, label, null, query));

    public IReadOnlyList<LabelQuery> Apply(IReadOnlyList<InputRecord> records)
    {
        var pending = Processor.ApplyAsync(records, CancellationToken.None);
        Assert.True(pending.IsCompletedSuccessfully);
        var output = pending.Result;
        var queries = new List<LabelQuery>();
        foreach (var draft in output.Results)
        {
            var cause = records.Single(record => record.Offset == draft.Offset && record.Partition == draft.Partition);
            Assert.Equal(cause.EventTime, draft.Time);
            if (draft.Topic == Topics.LabelModes)
            {
                Assert.Equal(EventTypes.LabelMode, draft.Type);
                Modes.Add(ResultJson.Deserialize<LabelMode>(draft.Data));
            }
            else
            {
                Assert.Equal((Topics.LabelQueries, EventTypes.LabelQuery), (draft.Topic, draft.Type));
                queries.Add(ResultJson.Deserialize<LabelQuery>(draft.Data));
            }
        }

        Results.AddRange(output.Results);
        Rejections.AddRange(output.Rejections);
        Queries.AddRange(queries);
        return queries;
    }

    /// <summary>Replaces the processor by one made from its own saved state.</summary>
    public void Restart()
    {
        var state = Processor.SaveState();
        _processor = _factory.Create(task, state);
        Assert.Equal(state, _processor.SaveState());
    }

    /// <summary>Answers open queries, the one that <paramref name="pick"/> chooses first, until the task stops or nothing is open.</summary>
    public void Answer(TruthOracle oracle, IEnumerable<LabelQuery> asks, Func<IReadOnlyList<LabelQuery>, int> pick) =>
        Answer(asks, pick, query => Send(oracle.Answer(query)!));

    /// <summary>The same for questions about pairs; <paramref name="isWrong"/> says which queries are answered wrongly.</summary>
    public void Compare(
        TruthOracle oracle, IEnumerable<LabelQuery> asks, Func<IReadOnlyList<LabelQuery>, int> pick, Func<LabelQuery, bool>? isWrong = null) =>
        Answer(asks, pick, query =>
        {
            var answer = oracle.Compare(query)!;
            return Send(answer with { Equal = answer.Equal != (isWrong?.Invoke(query) ?? false) });
        });

    private void Answer(IEnumerable<LabelQuery> asks, Func<IReadOnlyList<LabelQuery>, int> pick, Func<LabelQuery, IReadOnlyList<LabelQuery>> send)
    {
        var open = asks.ToList();
        while (open.Count > 0 && !IsStopped)
        {
            var at = pick(open);
            var query = open[at];
            open.RemoveAt(at);
            open.AddRange(send(query).Where(next => next.Kind != LabelQueryKind.Stop));
        }
    }

    public void AssertRejected(string reason) => Assert.Contains(reason, Assert.Single(Rejections).Reason, StringComparison.Ordinal);
}

using System.Text;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.Schemas.Tests.Labels;

public sealed class LabelCodecTests
{
    private const string Key = "t";

    public static TheoryData<string, LabelTask> Tasks { get; } = new()
    {
        { "labels-task-active-v1.json", new LabelTask("road-signs", 0.01, 10, 5000, 16, 2000) },
        { "labels-task-rule-v1.json", new LabelTask("road-signs", 0.05, 4, Rule: LabelRules.OneSided) },
        { "labels-task-pairs-v1.json", new LabelTask("faces", 0.05, 4, 5000, 4, QueryModel: QueryModels.Pairs, MaxQueries: 900, PairNoise: 0.1) },
        { "labels-task-tolerance-v1.json", new LabelTask("road-signs", 0.05, 4, MaxLabels: 500, MinLabels: 20, Tolerance: 0.02) },
        { "labels-task-relative-v1.json", new LabelTask("road-signs", 0.05, 4, RelativeTolerance: 0.1) },
        {
            "labels-task-deadline-v1.json",
            new LabelTask("road-signs", 0.05, 4, 5000, Deadline: new DateTimeOffset(2026, 1, 31, 12, 0, 0, 500, TimeSpan.Zero), ReaskAfterSeconds: 60)
        },
        { "labels-task-drift-v1.json", new LabelTask("würfel", 0.1, 6, Tolerance: 0.05, DriftAlarm: 10_000) },
        { "labels-task-weights-v1.json", new LabelTask("road-signs", 0.05, 40, MaxLabels: 500, Rule: LabelRules.WeightedBetting) },
        { "labels-task-passive-v1.json", new LabelTask("würfel", 0.1, 6) },
        { "labels-task-open-set-v1.json", new LabelTask("würfel", 0.1, null) },
    };

    public static TheoryData<string, LabelSample> Samples { get; } = new()
    {
        { "labels-sample-answer-v1.json", new LabelSample("road-signs", "4711", "arrêt", "anna", 12) },
        { "labels-sample-passive-v1.json", new LabelSample("würfel", "throw-7", "6") },
    };

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Task_GoldenV1_DecodesAndEncodesToTheSameBytes(string file, LabelTask task)
    {
        var golden = LabelGolden.Read(file);

        Assert.Equal(task, LabelCodec.DecodeTask(golden, task.Task));
        Assert.Equal(golden, LabelCodec.Encode(task));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_GoldenV1_DecodesAndEncodesToTheSameBytes(string file, LabelSample sample)
    {
        var golden = LabelGolden.Read(file);

        Assert.Equal(sample, LabelCodec.DecodeSample(golden, sample.Task));
        Assert.Equal(golden, LabelCodec.Encode(sample));
    }

    [Fact]
    public void Sample_GoldenWithWeightsV1_DecodesAndEncodesToTheSameBytes()
    {
        var golden = LabelGolden.Read("labels-sample-weights-v1.json");
        var sample = LabelCodec.DecodeSample(golden, "road-signs");

        Assert.Null(sample.Label);
        Assert.Equal([new("stop", 0.7), new("arrêt", 0.25), new("yield", 0)], sample.Weights!);
        Assert.Equal(golden, LabelCodec.Encode(sample));
    }

    [Fact]
    public void DecodeSample_MoreWeightsThanAllowed_IsRefusedAndJustSoManyAreNot()
    {
        Assert.Equal(LabelCodec.MaxWeights, LabelCodec.DecodeSample(Sample(LabelCodec.MaxWeights), Key).Weights!.Count);
        AssertRefused("data.weights", "has 1001 labels; give 1 to 1000", () => LabelCodec.DecodeSample(Sample(LabelCodec.MaxWeights + 1), Key));

        static byte[] Sample(int count) => Encoding.UTF8.GetBytes(
            "{\"task\":\"t\",\"sample\":\"1\",\"weights\":{" + string.Join(',', Enumerable.Range(0, count).Select(n => $"\"L{n}\":0.0005")) + "}}");
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void Encode_WeightOutOfRange_IsRefused(double weight) =>
        AssertRefused("data.weights", "give a number from 0 to 1", () => LabelCodec.Encode(new LabelSample("t", "1", null, Weights: new Dictionary<string, double> { ["a"] = weight })));

    [Fact]
    public void Pair_GoldenV1_DecodesAndEncodesToTheSameBytes()
    {
        var pair = new LabelPair("faces", 4711, 12, true, "anna", 7);

        Assert.Equal(pair, LabelCodec.DecodePair(LabelGolden.Read("labels-pair-v1.json"), "faces"));
        Assert.Equal(LabelGolden.Read("labels-pair-v1.json"), LabelCodec.Encode(pair));
    }

    [Fact]
    public void DecodeTask_QueryModelLabels_IsTheDefault() =>
        Assert.Equal(new LabelTask("t", 0.1, 2), LabelCodec.DecodeTask("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"labels\"}"u8.ToArray(), "t"));

    [Theory]
    [InlineData("2026-01-31T13:00:00.1234569+01:00")]
    [InlineData("2026-01-31T12:00:00.123456Z")]
    public void DecodeTask_Deadline_IsTheInstantInMicroseconds(string text)
    {
        var task = LabelCodec.DecodeTask(Encoding.UTF8.GetBytes("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"deadline\":\"" + text + "\"}"), "t");

        Assert.Equal(EventTime.FromMicroseconds(EventTime.ToMicroseconds(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)) + 123_456), task.Deadline);
    }

    /// <summary>The file's deadline was such a field when it was written.</summary>
    [Fact]
    public void DecodeTask_FieldsOfALaterVersion_AreIgnored() =>
        Assert.Equal(new LabelTask("road-signs", 0.01, 10, Deadline: new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)), LabelCodec.DecodeTask(LabelGolden.Read("labels-task-later-fields-v1.json"), "road-signs"));

    [Theory]
    [InlineData("", "data", "0 bytes")]
    [InlineData("{", "data", "not JSON")]
    [InlineData("[]", "data", "an array")]
    [InlineData("null", "data", "null")]
    [InlineData("{\"delta\":0.1,\"labels\":2}", "data.task", "missing")]
    [InlineData("{\"task\":null,\"delta\":0.1,\"labels\":2}", "data.task", "missing")]
    [InlineData("{\"task\":\"\",\"delta\":0.1,\"labels\":2}", "data.task", "not empty")]
    [InlineData("{\"task\":\" \",\"delta\":0.1,\"labels\":2}", "data.task", "not empty")]
    [InlineData("{\"task\":7,\"delta\":0.1,\"labels\":2}", "data.task", "is 7")]
    [InlineData("{\"task\":\"\\ud800\",\"delta\":0.1,\"labels\":2}", "data.task", "Unicode")]
    [InlineData("{\"task\":\"other\",\"delta\":0.1,\"labels\":2}", "data.task", "key is 't'")]
    [InlineData("{\"task\":\"t\",\"labels\":2}", "data.delta", "missing")]
    [InlineData("{\"task\":\"t\",\"delta\":0,\"labels\":2}", "data.delta", "is 0;")]
    [InlineData("{\"task\":\"t\",\"delta\":1,\"labels\":2}", "data.delta", "is 1;")]
    [InlineData("{\"task\":\"t\",\"delta\":-0.1,\"labels\":2}", "data.delta", "is -0.1;")]
    [InlineData("{\"task\":\"t\",\"delta\":1e999,\"labels\":2}", "data.delta", "give")]
    [InlineData("{\"task\":\"t\",\"delta\":1e-999,\"labels\":2}", "data.delta", "is 0;")]
    [InlineData("{\"task\":\"t\",\"delta\":NaN,\"labels\":2}", "data", "not JSON")]
    [InlineData("{\"task\":\"t\",\"delta\":\"NaN\",\"labels\":2}", "data.delta", "give a number")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"rule\":\"leader-betting-mix\"}", "data.rule", "'leader-betting-mix', which has to know how many labels there can be; give labels, an upper bound will do, or choose the rule os-rank")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"rule\":\"weighted-betting\"}", "data.rule", "'weighted-betting', which has to know how many labels there can be")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"tolerance\":0.1}", "data.tolerance", "is 0.1, but without labels the task has none: give labels")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"relativeTolerance\":0.1}", "data.relativeTolerance", "is 0.1, but without labels the task has none: give labels")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"driftAlarm\":9}", "data.driftAlarm", "is 9, but without labels the task has none: give labels")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":1}", "data.labels", "is 1; give a whole number from 2")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2.5}", "data.labels", "2.5")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":99999999999999999999}", "data.labels", "whole number")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"pool\":0}", "data.pool", "is 0; give a whole number from 1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"pool\":2147483648}", "data.pool", "2147483647")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"inFlight\":0}", "data.inFlight", "from 1 to 1024")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"inFlight\":1025}", "data.inFlight", "from 1 to 1024")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"maxLabels\":0}", "data.maxLabels", "from 1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"rule\":\"quorum-5\"}", "data.rule", "'quorum-5'; give one of a1, a1-1v1, ppr-1v1, ppr-1vr, klsn-1v1, os-1v1, os-rank, leader-betting, leader-betting-mix, leader-betting-pooled, weighted-betting, or leave it out")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"minLabels\":0}", "data.minLabels", "from 1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"minLabels\":9,\"maxLabels\":8}", "data.minLabels", "is 9, above maxLabels 8")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"tolerance\":0}", "data.tolerance", "is 0; give a number above 0 and below 1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"tolerance\":1}", "data.tolerance", "is 1; give a number above 0 and below 1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"tolerance\":\"0.1\"}", "data.tolerance", "give a number")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"relativeTolerance\":0.5}", "data.relativeTolerance", "is 0.5; give a number above 0 and below 0.5")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"tolerance\":0.1,\"relativeTolerance\":0.1}", "data.relativeTolerance", "give one of the two")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"triples\"}", "data.queryModel", "'triples'; give one of labels, pairs")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"pairs\",\"maxQueries\":9}", "data.pool", "missing")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"pairs\",\"pool\":9}", "data.maxQueries", "missing; a task of query model pairs needs a budget")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"pairs\",\"pool\":9,\"maxQueries\":0}", "data.maxQueries", "from 1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"pairs\",\"pool\":9,\"maxQueries\":9,\"maxLabels\":7}", "data.maxLabels", "is 7, but a task of query model pairs counts queries: give maxQueries")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"pairs\",\"pool\":9,\"maxQueries\":9,\"pairNoise\":0.5}", "data.pairNoise", "is 0.5; give the probability that an answer is wrong, from 0 to below 0.5")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"pairs\",\"pool\":9,\"maxQueries\":9,\"pairNoise\":-0.1}", "data.pairNoise", "is -0.1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"queryModel\":\"pairs\",\"pool\":9,\"maxQueries\":9,\"rule\":\"quorum-5\"}", "data.rule", "'quorum-5'; give one of leader-betting, leader-betting-mix, leader-betting-pooled, ppr-1v1, os-1v1, a2")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"rule\":\"a2\"}", "data.rule", "'a2'")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"maxQueries\":9}", "data.maxQueries", "is 9, but a task of query model labels counts labels")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"pairNoise\":0.1}", "data.pairNoise", "is 0.1, but a task of query model labels asks about no pairs")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"deadline\":\"tomorrow\"}", "data.deadline", "is 'tomorrow', which is not an RFC 3339 time; write for instance 2026")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"deadline\":\"2026-01-31\"}", "data.deadline", "not an RFC 3339 time")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"deadline\":\"2026-02-30T00:00:00Z\"}", "data.deadline", "not an RFC 3339 time")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"deadline\":1769860800}", "data.deadline", "give a text in quotes")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"pool\":9,\"reaskAfterSeconds\":0}", "data.reaskAfterSeconds", "is 0; give a whole number from 1 to 604800")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"reaskAfterSeconds\":60}", "data.reaskAfterSeconds", "is 60, but a task without a pool asks nothing")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"driftAlarm\":1}", "data.driftAlarm", "is 1; give the mean number of labels between false alarms, above 1")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"driftAlarm\":1e999}", "data.driftAlarm", "give")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"driftAlarm\":\"NaN\"}", "data.driftAlarm", "give a number")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"pool\":9,\"driftAlarm\":100}", "data.driftAlarm", "is 100, but a task with a pool asks nothing after its end")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"rule\":\"weighted-betting\",\"pool\":9}", "data.pool", "is 9, but the rule weighted-betting has none")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"rule\":\"weighted-betting\",\"tolerance\":0.1}", "data.tolerance", "is 0.1, but the rule weighted-betting has none")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"rule\":\"weighted-betting\",\"driftAlarm\":9}", "data.driftAlarm", "is 9, but the rule weighted-betting has none")]
    [InlineData("{\"task\":\"t\",\"delta\":0.1,\"labels\":2,\"rule\":\"weighted-betting\",\"minLabels\":9}", "data.minLabels", "is 9, but the rule weighted-betting has none")]
    [InlineData("{\"task\":\"t\",\"task\":\"t\",\"delta\":0.1,\"labels\":2}", "data", "not JSON")]
    public void DecodeTask_BadInput_NamesFieldAndProblem(string json, string field, string problem) =>
        AssertRefused(field, problem, () => LabelCodec.DecodeTask(Encoding.UTF8.GetBytes(json), Key));

    [Theory]
    [InlineData("{\"sample\":\"1\",\"label\":\"a\"}", "data.task", "missing")]
    [InlineData("{\"task\":\"u\",\"sample\":\"1\",\"label\":\"a\"}", "data.task", "key is 't'")]
    [InlineData("{\"task\":\"t\",\"label\":\"a\"}", "data.sample", "missing")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"label\":\"a\"}", "data.sample", "in quotes")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\"}", "data.label", "missing")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"label\":\"\"}", "data.label", "not empty")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"label\":[\"a\"]}", "data.label", "an array")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"label\":\"a\",\"oracle\":\"\"}", "data.oracle", "not empty")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"label\":\"a\",\"query\":-1}", "data.query", "is -1; give a whole number from 0")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"label\":\"a\",\"query\":\"1\"}", "data.query", "whole number")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"label\":\"a\",\"weights\":{\"a\":1}}", "data.weights", "is given along with label; give one of the two")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{}}", "data.weights", "has 0 labels; give 1 to 1000")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":[0.5,0.5]}", "data.weights", "is an array; give an object of labels and numbers")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":NaN}}", "data", "not JSON")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":\"NaN\"}}", "data.weights", "gives 'a' the weight \"NaN\"; give a number from 0 to 1")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":null}}", "data.weights", "gives 'a' the weight null")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":-0.1}}", "data.weights", "gives 'a' the weight -0.1; give a number from 0 to 1")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":1.01}}", "data.weights", "gives 'a' the weight 1.01")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":1e999}}", "data.weights", "gives 'a' the weight 1e999")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":0.75,\"b\":0.5}}", "data.weights", "adds up to 1.25; give weights that add up to 1 at most")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\" \":0.5}}", "data.weights", "not empty")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"\\ud800\":0.5}}", "data", "")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"weights\":{\"a\":0.5,\"a\":0.5}}", "data", "not JSON")]
    public void DecodeSample_BadInput_NamesFieldAndProblem(string json, string field, string problem) =>
        AssertRefused(field, problem, () => LabelCodec.DecodeSample(Encoding.UTF8.GetBytes(json), Key));

    [Theory]
    [InlineData("{\"sample\":1,\"other\":2,\"equal\":true}", "data.task", "missing")]
    [InlineData("{\"task\":\"u\",\"sample\":1,\"other\":2,\"equal\":true}", "data.task", "key is 't'")]
    [InlineData("{\"task\":\"t\",\"other\":2,\"equal\":true}", "data.sample", "missing")]
    [InlineData("{\"task\":\"t\",\"sample\":\"1\",\"other\":2,\"equal\":true}", "data.sample", "whole number")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"equal\":true}", "data.other", "missing")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"other\":-2,\"equal\":true}", "data.other", "is -2; give a whole number from 0")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"other\":2}", "data.equal", "missing; give true or false")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"other\":2,\"equal\":null}", "data.equal", "missing")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"other\":2,\"equal\":\"yes\"}", "data.equal", "is \"yes\"; give true or false")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"other\":2,\"equal\":1}", "data.equal", "is 1; give true or false")]
    [InlineData("{\"task\":\"t\",\"sample\":1,\"other\":2,\"equal\":true,\"query\":1.5}", "data.query", "whole number")]
    public void DecodePair_BadInput_NamesFieldAndProblem(string json, string field, string problem) =>
        AssertRefused(field, problem, () => LabelCodec.DecodePair(Encoding.UTF8.GetBytes(json), Key));

    [Theory]
    [InlineData("task")]
    [InlineData("sample")]
    [InlineData("label")]
    [InlineData("oracle")]
    public void DecodeSample_TextOverOneKilobyte_IsRefusedAndJustOneKilobyteIsNot(string field)
    {
        string Json(int euros) => "{\"task\":\"t\",\"sample\":\"1\",\"label\":\"a\",\"oracle\":\"o\"}"
            .Replace($"\"{field}\":\"{(field is "task" ? "t" : field is "sample" ? "1" : field is "label" ? "a" : "o")}\"", $"\"{field}\":\"x{new string('€', euros)}\"", StringComparison.Ordinal);
        var key = field == "task" ? "x" + new string('€', 341) : Key;

        LabelCodec.DecodeSample(Encoding.UTF8.GetBytes(Json(341)), key);
        AssertRefused($"data.{field}", "1027 bytes; give at most 1024", () => LabelCodec.DecodeSample(Encoding.UTF8.GetBytes(Json(342)), key));
    }

    [Fact]
    public void DecodeSample_MoreThanTheLargestRecord_IsRefused() =>
        AssertRefused("data", "65537 bytes", () => LabelCodec.DecodeSample(new byte[65537], Key));

    [Fact]
    public void DecodeSample_BytesThatAreNotUtf8_AreRefused() =>
        AssertRefused("data.label", "Unicode", () => LabelCodec.DecodeSample("{\"task\":\"t\",\"sample\":\"1\",\"label\":\"a?\"}"u8.ToArray().Select(b => b == (byte)'?' ? (byte)0xff : b).ToArray(), Key));

    [Theory]
    [InlineData("sample")]
    [InlineData("equal")]
    public void DecodePair_BytesThatAreNotUtf8_AreRefused(string field)
    {
        var json = Encoding.UTF8.GetBytes("{\"task\":\"t\",\"sample\":1,\"other\":2,\"equal\":true}".Replace($"\"{field}\":{(field == "sample" ? "1" : "true")}", $"\"{field}\":\"?\"", StringComparison.Ordinal));
        AssertRefused($"data.{field}", "not UTF-8", () => LabelCodec.DecodePair(json.Select(b => b == (byte)'?' ? (byte)0xfb : b).ToArray(), Key));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.0)]
    public void Encode_DeltaThatReadersRefuse_IsRefused(double delta) =>
        AssertRefused("data.delta", "above 0 and below 1", () => LabelCodec.Encode(new LabelTask(Key, delta, 2)));

    [Fact]
    public void Encode_NoiseThatIsNoNumber_IsRefused() =>
        AssertRefused("data.pairNoise", "is NaN", () => LabelCodec.Encode(new LabelTask(Key, 0.1, 2, 9, QueryModel: QueryModels.Pairs, MaxQueries: 9, PairNoise: double.NaN)));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0.0)]
    public void Encode_ToleranceThatReadersRefuse_IsRefused(double tolerance)
    {
        AssertRefused("data.tolerance", "above 0 and below 1", () => LabelCodec.Encode(new LabelTask(Key, 0.1, 2, Tolerance: tolerance)));
        AssertRefused("data.relativeTolerance", "above 0 and below", () => LabelCodec.Encode(new LabelTask(Key, 0.1, 2, RelativeTolerance: tolerance)));
    }

    [Theory]
    [InlineData(EventTypes.LabelTask, LabelRecordKind.Task)]
    [InlineData("streams.label.task.v0", LabelRecordKind.Task)]
    [InlineData("streams.label.task.v2", LabelRecordKind.Task)]
    [InlineData(EventTypes.LabelSample, LabelRecordKind.Sample)]
    [InlineData("streams.label.sample.v2", LabelRecordKind.Sample)]
    [InlineData(EventTypes.LabelPair, LabelRecordKind.Pair)]
    [InlineData("streams.label.pair.v0", LabelRecordKind.Pair)]
    [InlineData(EventTypes.LabelStop, LabelRecordKind.Stop)]
    public void KindOf_KnownTypeOrNeighbouringVersion_IsKnown(string type, LabelRecordKind kind) => Assert.Equal(kind, LabelCodec.KindOf(type));

    [Theory]
    [InlineData("")]
    [InlineData("streams.label.task")]
    [InlineData("streams.label.task.v3")]
    [InlineData("streams.label.task.v-1")]
    [InlineData("streams.label.task.v1x")]
    [InlineData("streams.label.task.v99999999999999999999")]
    [InlineData(EventTypes.VideoFrame)]
    public void Validate_UnknownType_IsRefused(string type) =>
        AssertRefused("ce_type", EventTypes.LabelSample, () => LabelCodec.Validate(type, "{}"u8.ToArray(), Key));

    [Fact]
    public void Validate_EitherKind_ChecksThatKindsRules()
    {
        LabelCodec.Validate(EventTypes.LabelTask, LabelCodec.Encode(new LabelTask(Key, 0.1, 2)), Key);
        LabelCodec.Validate(EventTypes.LabelPair, LabelCodec.Encode(new LabelPair(Key, 1, 2, false)), Key);
        LabelCodec.Validate(EventTypes.LabelSample, LabelCodec.Encode(new LabelSample(Key, "1", "a")), Key);
        LabelCodec.Validate(EventTypes.LabelStop, LabelCodec.Encode(new LabelStop(Key, "ada")), Key);
        AssertRefused("data.task", "the record's key", () => LabelCodec.Validate(EventTypes.LabelStop, LabelCodec.Encode(new LabelStop("other")), Key));
        AssertRefused("data.delta", "missing", () => LabelCodec.Validate(EventTypes.LabelTask, LabelCodec.Encode(new LabelSample(Key, "1", "a")), Key));
    }

    private static void AssertRefused(string field, string problem, Action action)
    {
        var refused = Assert.Throws<RecordFormatException>(action);
        Assert.Equal(field, refused.Field);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }
}

using System.Globalization;

namespace Streams.Schemas.Labels;

/// <summary>What has to fit together in a <see cref="LabelTask"/>: the fields of one query model mean nothing in the other.</summary>
internal static class LabelTaskChecks
{
    public static void Check(LabelTask task)
    {
        if (task.QueryModel is not null and not QueryModels.Pairs)
        {
            throw new RecordFormatException(
                "data.queryModel", $"is '{LabelJson.Shorten(task.QueryModel)}'; give one of {string.Join(", ", QueryModels.All)}, or leave it out");
        }

        var pairs = task.QueryModel == QueryModels.Pairs;
        var rules = pairs ? PairRules.All : [.. LabelRules.All, LabelRules.WeightedBetting];
        if (task.Rule is not null && !rules.Contains(task.Rule))
        {
            throw new RecordFormatException("data.rule", $"is '{LabelJson.Shorten(task.Rule)}'; give one of {string.Join(", ", rules)}, or leave it out");
        }

        if (task.Pool is null)
        {
            RefuseIfGiven("reaskAfterSeconds", task.ReaskAfterSeconds, "a task without a pool asks nothing: leave it out, or give the pool");
        }

        else
        {
            RefuseIfGiven("driftAlarm", task.DriftAlarm, "a task with a pool asks nothing after its end, and a pool does not drift: leave it out, or define it without a pool");
        }

        if (task.DriftAlarm is not null and not (> 1 and < double.PositiveInfinity))
        {
            throw new RecordFormatException(
                "data.driftAlarm",
                $"is {task.DriftAlarm.Value.ToString(CultureInfo.InvariantCulture)}; give the mean number of labels between false alarms, above 1, such as 10000, or leave it out");
        }

        if (pairs)
        {
            CheckPairs(task);
        }
        else
        {
            CheckLabels(task);
            RefuseIfGiven("maxQueries", task.MaxQueries, "a task of query model labels counts labels: give maxLabels, or define it with queryModel pairs");
            RefuseIfGiven("pairNoise", task.PairNoise, "a task of query model labels asks about no pairs: leave it out, or define it with queryModel pairs");
        }
    }

    private static void CheckLabels(LabelTask task)
    {
        if (task.MinLabels > task.MaxLabels)
        {
            throw new RecordFormatException("data.minLabels", $"is {task.MinLabels}, above maxLabels {task.MaxLabels}; give no more than that");
        }

        if (task.Tolerance is not null && task.RelativeTolerance is not null)
        {
            throw new RecordFormatException("data.relativeTolerance", "is given along with tolerance; give one of the two");
        }

        if (task.IsOpenSet())
        {
            CheckOpenSet(task);
        }

        if (task.Rule == LabelRules.WeightedBetting)
        {
            const string Remedy = "the rule weighted-betting has none: leave it out, or choose another rule";
            RefuseIfGiven("pool", task.Pool, Remedy);
            RefuseIfGiven("minLabels", task.MinLabels, Remedy);
            RefuseIfGiven("tolerance", task.Tolerance, Remedy);
            RefuseIfGiven("relativeTolerance", task.RelativeTolerance, Remedy);
            RefuseIfGiven("driftAlarm", task.DriftAlarm, Remedy);
        }
    }

    private static void CheckOpenSet(LabelTask task)
    {
        if (task.Rule is not null and not LabelRules.OneSidedRank)
        {
            throw new RecordFormatException(
                "data.rule",
                $"is '{task.Rule}', which has to know how many labels there can be; give labels, an upper bound will do, or choose the rule {LabelRules.OneSidedRank}");
        }

        const string Remedy = "without labels the task has none: give labels, an upper bound will do, or leave it out";
        RefuseIfGiven("tolerance", task.Tolerance, Remedy);
        RefuseIfGiven("relativeTolerance", task.RelativeTolerance, Remedy);
        RefuseIfGiven("driftAlarm", task.DriftAlarm, Remedy);
    }

    private static void CheckPairs(LabelTask task)
    {
        if (task.Pool is null)
        {
            throw LabelJson.Missing("pool", "a task of query model pairs needs the number of samples that can be asked about");
        }

        if (task.MaxQueries is null)
        {
            throw LabelJson.Missing("maxQueries", "a task of query model pairs needs a budget: give the queries after which to abstain");
        }

        RefuseIfGiven("maxLabels", task.MaxLabels, "a task of query model pairs counts queries: give maxQueries");
        RefuseIfGiven("minLabels", task.MinLabels, "a task of query model pairs has no minimum: leave it out");
        RefuseIfGiven("tolerance", task.Tolerance, "a task of query model pairs has no tolerance: leave it out, the budget ends ties");
        RefuseIfGiven("relativeTolerance", task.RelativeTolerance, "a task of query model pairs has no tolerance: leave it out, the budget ends ties");
        if (!(task.PairNoise is null or (>= 0 and < 0.5)))
        {
            throw new RecordFormatException(
                "data.pairNoise",
                $"is {task.PairNoise.Value.ToString(CultureInfo.InvariantCulture)}; give the probability that an answer is wrong, from 0 to below 0.5, or leave it out");
        }
    }

    private static void RefuseIfGiven<T>(string name, T? value, string remedy)
        where T : struct, IFormattable
    {
        if (value is { } given)
        {
            throw new RecordFormatException($"data.{name}", $"is {given.ToString(null, CultureInfo.InvariantCulture)}, but {remedy}");
        }
    }
}

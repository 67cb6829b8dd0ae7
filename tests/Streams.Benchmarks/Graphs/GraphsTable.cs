using System.Globalization;

namespace Streams.Benchmarks.Graphs;

/// <summary>Every method on every graph, filter and number of vertices, beside the design page's figures.</summary>
internal static class GraphsTable
{
    private const int Signals = 500;
    private const int DefaultSeeds = 10;

    /// <summary>Of slow methods, and of all but the closed form from <see cref="ManyVertices"/> on.</summary>
    private const int FewSeeds = 3;
    private const int ManyVertices = 100;

    public static void Print(GraphSettings settings)
    {
        settings.Output.WriteLine($"{Signals} signals; means over seeds, s.e. in brackets; page: design page, tables T3 (ten graphs of its own) and T2 (paper: seeds 0 to 9 are its graphs)");
        settings.Output.WriteLine($"{"cell",-20}{"method",-19}{"F1",-14}{"page",6}{"AP",8}{"page",6}{"filter",8}{"page",6}{"cov.",8}{"page",6}{"ms",9}");
        var methods = GraphMethod.All.Where(method => GraphSettings.Chosen(settings.Methods, [method.Name]).Any()).ToArray();
        var paired = new List<(double Closed, double Published)>();
        foreach (var (family, vertices) in Cells(settings))
        {
            foreach (var filter in GraphSettings.Chosen(settings.Filters, TrueFilter.Names))
            {
                Cell(settings, methods, vertices, family, filter, paired);
            }
        }

        if (paired.Count > 0)
        {
            double closed = paired.Average(pair => pair.Closed), published = paired.Average(pair => pair.Published);
            settings.Output.WriteLine(
                $"Mean F1 over the {paired.Count} instances that both saw: closed form {Number(closed)}, the published scheme {Number(published)} {settings.Promise(closed > published)}");
        }
    }

    private static IEnumerable<(string Family, int Vertices)> Cells(GraphSettings settings) =>
        from family in GraphSettings.Chosen(settings.Families, GraphFamily.Names)
        from vertices in settings.Vertices.Length > 0 ? settings.Vertices : family == GraphFamily.Paper ? ["30", "50", "70"] : ["20", "50", "100"]
        select (family, int.Parse(vertices, CultureInfo.InvariantCulture));

    private static void Cell(GraphSettings settings, GraphMethod[] methods, int vertices, string family, string filter, List<(double, double)> paired)
    {
        var instances = new Dictionary<int, GraphInstance>();
        var firsts = new Dictionary<string, double[]>();
        var page = PageFigures.Of(family, vertices, filter);
        foreach (var method in methods)
        {
            var seeds = settings.Seeds ?? (method.Slow || (vertices >= ManyVertices && method.Name != GraphMethod.ClosedForm) ? FewSeeds : DefaultSeeds);
            var scores = Enumerable.Range(settings.FirstSeed, seeds).Select(seed =>
            {
                if (!instances.TryGetValue(seed, out var instance))
                {
                    instances[seed] = instance = GraphInstance.Draw(family, vertices, filter, seed, Signals);
                }

                return MethodScores.Of(method, instance);
            }).ToArray();
            firsts[method.Name] = [.. scores.Select(score => score.F1)];
            Row(settings, $"{family} N{vertices} {filter}", method, scores, page);
        }

        if (firsts.TryGetValue(GraphMethod.ClosedForm, out var closed) && firsts.TryGetValue(GraphMethod.Published, out var published))
        {
            paired.AddRange(closed.Zip(published));
        }
    }

    private static void Row(GraphSettings settings, string cell, GraphMethod method, MethodScores[] scores, PageFigures? page)
    {
        var mean = scores.Average(score => score.F1);
        var deviation = Math.Sqrt(scores.Sum(score => (score.F1 - mean) * (score.F1 - mean)) / Math.Max(1, scores.Length - 1));
        var error = deviation / Math.Sqrt(scores.Length);

        // The page's mean is one of ten graphs and errs as well; of one graph alone nothing can be said.
        var bound = 2 * Math.Sqrt((error * error) + (deviation * deviation / DefaultSeeds));
        var kept = method.Name != GraphMethod.ClosedForm || page is null || scores.Length < 2 || mean >= page.ClosedF1 - bound;
        settings.Output.WriteLine(
            $"{cell,-20}{method.Name,-19}{(double.IsNaN(mean) ? "" : $"{Number(mean)} ({Number(error)})"),-14}{Number(page?.F1(method.Name)),6}"
            + $"{Number(scores.Average(score => score.Precision)),8}{Number(page?.Precision(method.Name)),6}"
            + $"{Number(scores.Average(score => score.Filter)),8}{Number(page?.FilterError(method.Name)),6}"
            + $"{Number(scores.Average(score => score.Covariance)),8}{Number(page?.CovarianceError(method.Name)),6}"
            + $"{scores.Average(score => score.Milliseconds).ToString("F1", CultureInfo.InvariantCulture),9} {settings.Promise(kept)}");
    }

    private static string Number(double? value) => value is not { } number || double.IsNaN(number) ? "" : number.ToString("F3", CultureInfo.InvariantCulture).TrimStart('0');
}

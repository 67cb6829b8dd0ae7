using System.Globalization;
using Streams.Processors.GraphFilter.Learning;

namespace Streams.Benchmarks.Graphs;

/// <summary>
/// Random connected 0/1 graphs. Densities are those of the design page's table, which does not give its generators' parameters: a block
/// model of two blocks that are seven times denser inside, mean degree 8 (Erdős–Rényi, Barabási–Albert) or 6 (random geometric). <c>sbm3</c> has the page's own parameters: three blocks, .5 inside and .1 outside.
/// </summary>
internal static class GraphFamily
{
    public static readonly string[] Names = ["sbm", "er", "rgg", "ba", Paper];

    /// <summary>
    /// The final setting of the paper: two blocks, .3/.5/.7 inside at 30/50/70 vertices, .1 outside. Seeds 0 to 9 at these sizes are drawn as the design page has it, by
    /// networkx (<c>paper-graphs.txt</c>; one is not connected); what else is asked for is drawn here.
    /// </summary>
    public const string Paper = "paper";

    private static readonly Lazy<Dictionary<(int Vertices, int Seed), double[]>> s_paper = new(ReadPaper);

    private const double ErdosDegree = 8;
    private const int AttachedEdges = 4;

    /// <summary>1 or 0 for every pair, in the order of <see cref="Edges"/>.</summary>
    public static double[] Of(string family, int vertices, int seed) =>
        family == Paper && s_paper.Value.TryGetValue((vertices, seed), out var edges) ? edges : Draw(family, vertices, new Random((1_000 * seed) + vertices));

    private static double[] Draw(string family, int vertices, Random random)
    {
        while (true)
        {
            var edges = family switch
            {
                "sbm" => Pairs(vertices, random, (i, j) => (i * 2 / vertices == j * 2 / vertices ? 7 : 1) * BlockDensity(vertices) / 3.95),
                "sbm3" => Pairs(vertices, random, (i, j) => i * 3 / vertices == j * 3 / vertices ? 0.5 : 0.1),
                Paper => Pairs(vertices, random, (i, j) => i * 2 / vertices == j * 2 / vertices ? vertices / 100.0 : 0.1),
                "er" => Pairs(vertices, random, (_, _) => ErdosDegree / vertices),
                "rgg" => Geometric(vertices, random),
                "ba" => Preferential(vertices, random),
                _ => throw new ArgumentOutOfRangeException(nameof(family), family, string.Join(", ", Names)),
            };
            if (IsConnected(edges, vertices))
            {
                return edges;
            }
        }
    }

    /// <summary>.38, .20 and .10 at 20, 50 and 100 vertices.</summary>
    private static double BlockDensity(int vertices) => vertices <= 20 ? 0.4 : 10.0 / vertices;

    private static double[] Pairs(int vertices, Random random, Func<int, int, double> chance)
    {
        var edges = new double[Edges.Count(vertices)];
        for (int i = 0, edge = 0; i < vertices; i++)
        {
            for (var j = i + 1; j < vertices; j++, edge++)
            {
                edges[edge] = random.NextDouble() < chance(i, j) ? 1 : 0;
            }
        }

        return edges;
    }

    /// <summary>Points in the unit square, joined below the distance at which the mean degree would be about 6.</summary>
    private static double[] Geometric(int vertices, Random random)
    {
        var radius = vertices <= 20 ? 0.37 : Math.Sqrt(6.8 / (Math.PI * vertices));
        var x = Enumerable.Range(0, vertices).Select(_ => random.NextDouble()).ToArray();
        var y = Enumerable.Range(0, vertices).Select(_ => random.NextDouble()).ToArray();
        return Pairs(vertices, random, (i, j) => ((x[i] - x[j]) * (x[i] - x[j])) + ((y[i] - y[j]) * (y[i] - y[j])) < radius * radius ? 2 : 0);
    }

    /// <summary>Every new vertex is joined to four of those before it, drawn by their degree.</summary>
    private static double[] Preferential(int vertices, Random random)
    {
        var edges = new double[Edges.Count(vertices)];
        var ends = new List<int>();
        for (var next = 1; next < vertices; next++)
        {
            var chosen = new HashSet<int>();
            while (chosen.Count < Math.Min(next, AttachedEdges))
            {
                chosen.Add(next <= AttachedEdges ? chosen.Count : ends[random.Next(ends.Count)]);
            }

            foreach (var to in chosen.Order())
            {
                edges[Edges.Index(to, next, vertices)] = 1;
                ends.Add(to);
                ends.Add(next);
            }
        }

        return edges;
    }

    private static Dictionary<(int Vertices, int Seed), double[]> ReadPaper() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Graphs", "paper-graphs.txt")).Skip(1).Select(line => line.Split(' ')).ToDictionary(
            parts => (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture)),
            parts => Enumerable.Range(0, Edges.Count(int.Parse(parts[0], CultureInfo.InvariantCulture)))
                .Select(edge => (double)((Convert.ToInt32($"{parts[2][edge / 4]}", 16) >> (3 - (edge % 4))) & 1)).ToArray());

    private static bool IsConnected(double[] edges, int vertices)
    {
        var reached = new bool[vertices];
        var queue = new Stack<int>([0]);
        reached[0] = true;
        var count = 0;
        while (queue.TryPop(out var i))
        {
            count++;
            for (var j = 0; j < vertices; j++)
            {
                if (j != i && !reached[j] && edges[Edges.Index(Math.Min(i, j), Math.Max(i, j), vertices)] > 0)
                {
                    reached[j] = true;
                    queue.Push(j);
                }
            }
        }

        return count == vertices;
    }
}

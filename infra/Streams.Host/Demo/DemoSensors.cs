using System.Globalization;
using Streams.Schemas.Results;

namespace Streams.Host.Demo;

/// <summary>
/// The demo's sensor network: the daily temperatures of the US Climate Reference Network in 2020, of which a share is withheld, so that the
/// filling-in can be held against readings that the pipeline never saw.
/// </summary>
internal sealed class DemoSensors
{
    public const string Network = "uscrn";
    public const string Units = "degC";
    private const double Withheld = 0.2;
    private const int Seed = 2020;

    private readonly string[] _header;
    private readonly List<string[]> _rows;
    private readonly Dictionary<(DateTimeOffset Day, string Sensor), double> _truth = [];
    private readonly Dictionary<string, (double Latitude, double Longitude)> _places;

    private DemoSensors(string[] header, List<string[]> rows, Dictionary<string, (double, double)> places)
    {
        _header = header;
        _rows = rows;
        _places = places;
    }

    public int Sensors => _header.Length - 1;

    public int Days => _rows.Count;

    public int WithheldReadings => _truth.Count;

    public static DemoSensors Load()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Demo", "Data");
        var rows = ReadCsv(Path.Combine(folder, "uscrn_daily_tmean_2020.csv"));
        var places = ReadCsv(Path.Combine(folder, "stations.csv")).Skip(1).ToDictionary(row => row[0], row => (Number(row[1]), Number(row[2])));
        return new DemoSensors(rows[0], rows[1..], places);
    }

    /// <summary>Writes the readings that the pipeline may see, and keeps the others as the truth.</summary>
    public void WriteMasked(string path)
    {
        var random = new Random(Seed);
        using var writer = new StreamWriter(path);
        writer.WriteLine(string.Join(',', _header));
        foreach (var row in _rows)
        {
            var day = Day(row);
            for (var i = 1; i < row.Length; i++)
            {
                if (random.NextDouble() < Withheld && TryNumber(row[i], out var value))
                {
                    _truth[(day, _header[i])] = value;
                    row[i] = "";
                }
            }

            writer.WriteLine(string.Join(',', row));
        }
    }

    /// <summary>Root mean square errors, in the readings' unit, of what was filled in and of two baselines on the same readings.</summary>
    public ImputationScore Score(IEnumerable<ImputedReadings> results)
    {
        var means = ColumnMeans();
        var daily = DailyMeans();
        double model = 0, mean = 0, spatial = 0;
        var inInterval = 0;
        var seen = new HashSet<(DateTimeOffset, string)>();
        foreach (var value in results.SelectMany(result => result.Values))
        {
            if (_truth.TryGetValue((value.Time, value.Sensor), out var truth) && seen.Add((value.Time, value.Sensor)))
            {
                model += Square(value.Value - truth);
                mean += Square(means[value.Sensor] - truth);
                spatial += Square(daily[value.Time] - truth);
                inInterval += Math.Abs(value.Value - truth) <= 1.645 * value.StandardDeviation ? 1 : 0;
            }
        }

        var n = Math.Max(1, seen.Count);
        return new ImputationScore(seen.Count, Math.Sqrt(model / n), Math.Sqrt(mean / n), Math.Sqrt(spatial / n), (double)inInterval / n);
    }

    /// <summary>Median length of the learned edges and of all pairs of stations, in kilometres: influence should be mostly local.</summary>
    public (double Edges, double AllPairs)? MedianLengths(LearnedGraph graph)
    {
        if (graph.Edges.Count == 0 || graph.Sensors.Any(sensor => !_places.ContainsKey(sensor)))
        {
            return null;
        }

        var places = graph.Sensors.Select(sensor => _places[sensor]).ToList();
        var all = from i in Enumerable.Range(0, places.Count) from j in Enumerable.Range(0, i) select Kilometres(places[i], places[j]);
        return (Median(graph.Edges.Select(edge => Kilometres(places[edge.From], places[edge.To]))), Median(all));
    }

    private Dictionary<string, double> ColumnMeans() => Enumerable.Range(1, Sensors).ToDictionary(
        i => _header[i],
        i => _rows.Select(row => TryNumber(row[i], out var value) ? value : double.NaN).Where(double.IsFinite).DefaultIfEmpty(0).Average());

    private Dictionary<DateTimeOffset, double> DailyMeans() => _rows.ToDictionary(
        Day,
        row => row[1..].Select(cell => TryNumber(cell, out var value) ? value : double.NaN).Where(double.IsFinite).DefaultIfEmpty(0).Average());

    private static double Kilometres((double Latitude, double Longitude) a, (double Latitude, double Longitude) b)
    {
        const double EarthRadius = 6371;
        static double Radians(double degrees) => degrees * Math.PI / 180;
        var h = Square(Math.Sin(Radians(b.Latitude - a.Latitude) / 2))
            + (Math.Cos(Radians(a.Latitude)) * Math.Cos(Radians(b.Latitude)) * Square(Math.Sin(Radians(b.Longitude - a.Longitude) / 2)));
        return 2 * EarthRadius * Math.Asin(Math.Sqrt(h));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static double Square(double value) => value * value;

    private static DateTimeOffset Day(string[] row) => DateTimeOffset.Parse(row[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static bool TryNumber(string cell, out double value) => double.TryParse(cell, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    // Our own two files: numbers, names without commas, no quotes.
    private static List<string[]> ReadCsv(string path) => [.. File.ReadLines(path).Select(line => line.Split(','))];
}

/// <summary>How well withheld readings were filled in.</summary>
/// <param name="Readings">Withheld readings that were filled in.</param>
/// <param name="Rmse">Of the filled-in values.</param>
/// <param name="MeanRmse">Of each sensor's own mean over the whole year (which knows the future).</param>
/// <param name="SpatialRmse">Of the day's mean over the sensors that were there.</param>
/// <param name="Coverage">Share of readings inside the nominal 90 % interval.</param>
internal sealed record ImputationScore(int Readings, double Rmse, double MeanRmse, double SpatialRmse, double Coverage);

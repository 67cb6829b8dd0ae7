using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Streams.Dashboard.Results;
using Streams.Host.Cli;
using Streams.Host.Graphs;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams graphs list|show</c>: what was learned of sensor networks, from a running pipeline.</summary>
internal static class GraphsCommand
{
    private const string NeedsNetwork = "see `streams graphs list` for the networks";

    public static Command Create() => new("graphs", "Graphs and filters learned from sensor networks, as a running pipeline serves them.") { List(), Show() };

    private static Command List()
    {
        var run = Run();
        var json = CommonOptions.Json();
        var command = new Command("list", "List the newest graph of each sensor network.") { run, json };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new RestClient(access.Read(parsed), NeedsNetwork);
            var latest = await client.SendAsync<LatestResults>(HttpMethod.Get, $"{Path}/latest?run={Uri.EscapeDataString(parsed.GetValue(run)!)}", cancellation);
            if (parsed.GetValue(json))
            {
                latest.Results.ToList().ForEach(result => Console.Out.WriteLine(JsonSerializer.Serialize(result, ResultJson.Options)));
                return 0;
            }

            if (latest.Results.Count == 0)
            {
                AnsiConsole.MarkupLine("No graph learned yet: `streams publish signals --network NAME --source FILE` gives a network to learn.");
                return 0;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumn("network").AddColumn(new TableColumn("sensors").RightAligned())
                .AddColumn(new TableColumn("edges").RightAligned()).AddColumn(new TableColumn("rows").RightAligned()).AddColumn("newest row");
            foreach (var graph in latest.Results.Select(Graph).OrderBy(graph => graph.Network, StringComparer.Ordinal))
            {
                table.AddRow(Markup.Escape(graph.Network), Text(graph.Sensors.Count), Text(graph.Edges.Count), Text(graph.Samples), graph.End.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture));
            }

            AnsiConsole.Write(table);
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        var network = new Option<string>("--network") { Description = "The sensor network.", Required = true };
        var at = new Option<string?>("--at") { Description = "The graph as of this event time (2026-01-31T12:00:00Z); without it the newest." };
        var png = new Option<string?>("--png") { Description = "Also write the picture to this PNG file.", HelpName = "file" };
        var svg = new Option<string?>("--svg") { Description = "Also write the picture to this SVG file.", HelpName = "file" };
        var run = Run();
        var json = CommonOptions.Json();
        var command = new Command(
            "show",
            """
            Draw a network's graph and the filter's response.

              streams graphs show --network weather
              streams graphs show --network weather --at 2026-01-31T12:00:00Z --png weather.png --svg weather.svg
            """)
        {
            network, at, png, svg, run, json,
        };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new RestClient(access.Read(parsed), NeedsNetwork);
            var result = await ReadAsync(client, parsed.GetValue(run)!, parsed.GetValue(network)!, parsed.GetValue(at), cancellation);
            var graph = Graph(result);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(result, ResultJson.Options));
            }
            else
            {
                GraphText.Write(AnsiConsole.Console, graph);
            }

            Save(parsed.GetValue(png), "--png", file => GraphPlot.SavePng(graph, file));
            Save(parsed.GetValue(svg), "--svg", file => GraphPlot.SaveSvg(graph, file));
            return 0;
        });
        return command;
    }

    private static async Task<ResultRecord> ReadAsync(RestClient client, string run, string network, string? at, CancellationToken cancellation)
    {
        var query = $"run={Uri.EscapeDataString(run)}&key={Uri.EscapeDataString(network)}";
        if (at is null)
        {
            return await client.SendAsync<ResultRecord>(HttpMethod.Get, $"{Path}/latest?{query}", cancellation);
        }

        var page = await client.SendAsync<HistoryPage>(HttpMethod.Get, $"{Path}?{query}&to={Uri.EscapeDataString(at)}&limit=1", cancellation);
        return page.Results.Count > 0 ? page.Results[0] : throw new StreamsException($"Network {network} had no graph at {at}", "give a later --at, or leave it out for the newest");
    }

    private static void Save(string? file, string option, Action<string> save)
    {
        if (file is null)
        {
            return;
        }

        try
        {
            save(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StreamsException($"{option} {file} cannot be written ({e.Message})", "name a file in a folder that you may write to");
        }

        // Not into what --json prints.
        Console.Error.WriteLine(GraphPlot.HasFonts ? $"Wrote {file}." : $"Wrote {file} without names and numbers: no font is installed (Debian: fonts-dejavu-core).");
    }

    private static LearnedGraph Graph(ResultRecord result) => result.Data.Deserialize<LearnedGraph>(ResultJson.Options)!;

    private static Option<string> Run() => new("--run") { Description = "The run.", DefaultValueFactory = _ => Topics.LiveRun };

    private static string Path => $"/api/results/{Topics.SensorGraphs}";

    private static string Text(int number) => number.ToString("n0", CultureInfo.InvariantCulture);

    private sealed record LatestResults(IReadOnlyList<ResultRecord> Results);
}

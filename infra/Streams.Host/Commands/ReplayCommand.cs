using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Runs;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams replay</c>: starts a bounded, isolated run in the running pipeline and follows it.</summary>
internal static class ReplayCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        var topic = new Option<string>("--topic") { Description = "Source topic: video.frames, sensor.signals or label.samples.", Required = true };
        var run = new Option<string>("--run") { Description = "Name of the run. Its results are apart from live: `streams watch … --run NAME`.", Required = true };
        var from = new Option<string?>("--from") { Description = "First record: a time (2026-01-31T12:00:00Z), an offset, or nothing for the oldest." };
        var to = new Option<string?>("--to") { Description = "End, exclusive: a time, an offset, or nothing for the newest at the start." };
        var url = CommonOptions.DashboardUrl();
        var json = CommonOptions.Json();
        var command = new Command("replay", "Process a part of a topic again as a run of its own. Bounds are frozen at the start; live goes on untouched.")
        {
            topic, run, from, to, json, url, CommonOptions.Set(),
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (url, "Streams:Dashboard:Url"));
            var request = new RunRequest(parsed.GetValue(run)!, parsed.GetValue(topic)!, parsed.GetValue(from), parsed.GetValue(to));
            request.Validate();
            using var http = new HttpClient { BaseAddress = new Uri(options.Dashboard.Url) };
            await StartAsync(http, request, options.Dashboard.Url, cancellation);
            var end = parsed.GetValue(json)
                ? await FollowAsync(http, request.Run, status => Console.Out.WriteLine(JsonSerializer.Serialize(status, ResultJson.Options)), cancellation)
                : await ShowAsync(http, request.Run, cancellation);
            if (end.State != RunState.Done)
            {
                throw new StreamsException($"Run {end.Run} ended {end.State.ToString().ToLowerInvariant()}: {end.Error}", "the same command goes on where it stopped");
            }

            if (!parsed.GetValue(json))
            {
                AnsiConsole.MarkupLineInterpolated($"[green]Run {end.Run} is done[/]: {end.Total:n0} records, {end.RecordsPerSecond:n0}/s, {end.DeadLettered} dead letters. See it with `streams watch … --run {end.Run} --from-beginning`.");
            }

            return 0;
        });
        return command;
    }

    private static async Task StartAsync(HttpClient http, RunRequest request, string url, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.PostAsJsonAsync("/api/runs", request, ResultJson.Options, cancellation);
        }
        catch (HttpRequestException)
        {
            throw new StreamsException($"No pipeline answers at {url}", "start it with `streams up`, or name it with --dashboard-url");
        }

        if (!response.IsSuccessStatusCode)
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            throw new StreamsException(
                problem.TryGetProperty("detail", out var detail) ? detail.GetString()! : $"HTTP {(int)response.StatusCode}",
                "see `streams replay --help`");
        }
    }

    private static Task<RunStatus> ShowAsync(HttpClient http, string run, CancellationToken cancellation) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(run, maxValue: 1);
                return FollowAsync(
                    http,
                    run,
                    status =>
                    {
                        task.MaxValue = Math.Max(1, status.Total);
                        task.Value = status.Total == 0 ? 1 : status.Done;
                        task.Description = $"{run} {status.RecordsPerSecond:n0}/s";
                    },
                    cancellation);
            });

    private static async Task<RunStatus> FollowAsync(HttpClient http, string run, Action<RunStatus> report, CancellationToken cancellation)
    {
        while (true)
        {
            var status = (await http.GetFromJsonAsync<RunStatus>($"/api/runs/{run}", ResultJson.Options, cancellation))!;
            report(status);
            if (status.State != RunState.Running)
            {
                return status;
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }
}

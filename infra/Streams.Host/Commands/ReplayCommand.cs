using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Runs;
using Streams.Ingest.Replay;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams replay</c>: starts a bounded, isolated run in the running pipeline and follows it.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var topic = new Option<string>("--topic") { Description = "Source topic: video.frames, sensor.signals or label.samples.", Required = true };
        var run = new Option<string>("--run") { Description = "Name of the run. Its results are apart from live: `streams watch … --run NAME`.", Required = true };
        var from = new Option<string?>("--from") { Description = "First record: a time (2026-01-31T12:00:00Z), an offset, or nothing for the oldest." };
        var to = new Option<string?>("--to") { Description = "End, exclusive: a time, an offset, or nothing for the newest at the start." };
        var with = new Option<string[]>("--with") { Description = "A setting of the run's processors that differs from live's, for instance --with Streams:GraphFilter:WindowRows=60. May be repeated.", HelpName = "name=value" };
        var rate = new Option<double?>("--max-rate") { Description = "Most records per second." };
        var bytes = new Option<double?>("--max-bytes") { Description = "Most bytes per second." };
        var share = new Option<double?>("--captioner-share") { Description = "Share of the processors' time, above 0 to 1." };
        var detach = new Option<bool>("--detach") { Description = "Do not follow it: `streams runs show NAME` does." };
        var json = CommonOptions.Json();
        var command = new Command("replay", "Process a part of a topic again as a run of its own. Bounds are frozen at the start; live goes on untouched, and first.")
        {
            topic, run, from, to, with, rate, bytes, share, detach, json,
        };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = new RunRequest(
                parsed.GetValue(run)!, parsed.GetValue(topic)!, parsed.GetValue(from), parsed.GetValue(to),
                Settings(parsed.GetValue(with) ?? []),
                new ReplayLimits(parsed.GetValue(rate), parsed.GetValue(bytes), parsed.GetValue(share)));
            request.Validate();
            using var client = new RunClient(access.Read(parsed));
            var status = await client.StartAsync(request, cancellation);
            if (parsed.GetValue(detach))
            {
                AnsiConsole.MarkupLineInterpolated($"Run {status.Run} reads {status.Total:n0} records of {status.Topic}. Follow it with `streams runs show {status.Run}`.");
                return 0;
            }

            return await FollowAsync(client, request.Run, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    /// <summary>Shows a run until it stops.</summary>
    internal static async Task<int> FollowAsync(RunClient client, string run, bool json, CancellationToken cancellation)
    {
        var end = json
            ? await client.FollowAsync(run, status => Console.Out.WriteLine(JsonSerializer.Serialize(status, ResultJson.Options)), cancellation)
            : await ShowAsync(client, run, cancellation);
        if (end.State != RunState.Done)
        {
            throw new StreamsException($"Run {end.Run} is {end.State.ToString().ToLowerInvariant()}{(end.Error is null ? "" : $": {end.Error}")}", $"`streams runs resume {end.Run}` goes on where it stopped");
        }

        if (!json)
        {
            AnsiConsole.MarkupLineInterpolated($"[green]Run {end.Run} is done[/]: {end.Total:n0} records, {end.RecordsPerSecond:n0}/s, {end.DeadLettered} dead letters. See it with `streams watch … --run {end.Run} --from-beginning`, compare it with `streams runs verify {end.Run}`.");
        }

        return 0;
    }

    private static Dictionary<string, string> Settings(string[] pairs) => pairs.Select(pair => pair.Split('=', 2)).ToDictionary(
        pair => pair[0],
        pair => pair.Length == 2 ? pair[1] : throw new StreamsException($"--with {pair[0]}", "write name=value, for instance --with Streams:GraphFilter:WindowRows=60"));

    private static Task<RunStatus> ShowAsync(RunClient client, string run, CancellationToken cancellation) =>
        Bars.Create().StartAsync(context =>
        {
            var task = context.AddTask(run, maxValue: 1);
            return client.FollowAsync(
                run,
                status =>
                {
                    task.MaxValue = Math.Max(1, status.Total);
                    task.Value = status.Total == 0 ? 1 : status.Done;
                    task.Description = $"{run} {status.RecordsPerSecond:n0}/s";
                },
                cancellation);
        });
}

using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Streams.Dashboard.Serving;
using Streams.Host.Cli;
using Streams.Host.Runs;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams runs list|show|pause|resume|verify|promote|rollback|delete</c>.</summary>
internal static class RunsCommand
{
    /// <summary>Exit code of a verification that found differences.</summary>
    private const int Different = 2;

    private const int ShownLength = 120;

    public static Command Create() => new("runs", "List, follow, pause, resume, verify, promote, roll back and delete replay runs of the running pipeline.")
    {
        List(),
        OfOne("show", "Show a run, and follow it while it goes on.", (client, run, json, cancellation) => ShowAsync(client, run, json, cancellation)),
        OfOne("pause", "Stop a run; it keeps what it has done.", async (client, run, json, cancellation) => Print(await client.PauseAsync(run, cancellation), json)),
        OfOne("resume", "Go on with a paused or failed run, from its own cursors.", async (client, run, json, cancellation) => Print(await client.ResumeAsync(run, cancellation), json)),
        Verify(),
        Promote(),
        Rollback(),
        OfOne("delete", "Delete a run's topics, results, state and cursors.", async (client, run, json, cancellation) =>
        {
            var deleted = await client.DeleteAsync(run, cancellation);
            if (json)
            {
                return Print(deleted, json);
            }

            AnsiConsole.MarkupLineInterpolated($"Run {deleted.Run} is deleted.");
            return 0;
        }),
    };

    private static Command List()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List all runs, newest first.") { json };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new RunClient(access.Read(parsed));
            var runs = await client.ListAsync(cancellation);
            if (parsed.GetValue(json))
            {
                runs.ForEach(run => Print(run, json: true));
                return 0;
            }

            if (runs.Count == 0)
            {
                AnsiConsole.MarkupLine("No runs yet: `streams replay --topic TOPIC --run NAME` makes one.");
                return 0;
            }

            var table = new Table().Border(TableBorder.Simple)
                .AddColumn("run").AddColumn("topic").AddColumn("state").AddColumn(new TableColumn("done").RightAligned()).AddColumn(new TableColumn("records/s").RightAligned()).AddColumn("from").AddColumn("to").AddColumn("settings");
            foreach (var run in runs)
            {
                table.AddRow(
                    Markup.Escape(run.Run), run.Topic, run.State.ToString().ToLowerInvariant(), $"{run.Done:n0} of {run.Total:n0}", $"{run.RecordsPerSecond:n0}",
                    Markup.Escape(run.From ?? "the oldest"), Markup.Escape(run.To ?? "the newest"), Markup.Escape(string.Join(", ", run.Settings.Select(pair => $"{pair.Key}={pair.Value}"))));
            }

            AnsiConsole.Write(table);
            return 0;
        });
        return command;
    }

    private static Command Verify()
    {
        var run = Name();
        var most = new Option<int>("--differences") { Description = "Most differences to show.", DefaultValueFactory = _ => 10 };
        var json = CommonOptions.Json();
        var command = new Command("verify", "Compare a run's results with live's, id by id, inside the run's bounds. Exit code 0: equal, 2: different, 1: an error.")
        {
            run, most, json,
        };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new RunClient(access.Read(parsed));
            var verification = await client.VerifyAsync(parsed.GetValue(run)!, parsed.GetValue(most), cancellation);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(verification, ResultJson.Options));
            }
            else
            {
                Print(verification);
            }

            return verification.IsEqual ? 0 : Different;
        });
        return command;
    }

    private static Command Promote()
    {
        var run = Name();
        var keys = new Option<string[]>("--key") { Description = "Only this camera, sensor network or labelling task. May be repeated." };
        var json = CommonOptions.Json();
        var command = new Command("promote", "Serve a finished run's results as live's, inside the run's bounds, on REST and the page. One switch for all keys; `streams runs rollback` switches back.")
        {
            run, keys, json,
        };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new RunClient(access.Read(parsed));
            return Print(await client.PromoteAsync(parsed.GetValue(run)!, parsed.GetValue(keys) ?? [], cancellation), parsed.GetValue(json));
        });
        return command;
    }

    private static Command Rollback()
    {
        var json = CommonOptions.Json();
        var command = new Command("rollback", "Serve what was served before the last promotion.") { json };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new RunClient(access.Read(parsed));
            return Print(await client.RollbackAsync(cancellation), parsed.GetValue(json));
        });
        return command;
    }

    private static Command OfOne(string name, string description, Func<RunClient, string, bool, CancellationToken, Task<int>> act)
    {
        var run = Name();
        var json = CommonOptions.Json();
        var command = new Command(name, description) { run, json };
        var access = DashboardAccess.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new RunClient(access.Read(parsed));
            return await act(client, parsed.GetValue(run)!, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static Argument<string> Name() => new("run") { Description = "Name of the run." };

    private static async Task<int> ShowAsync(RunClient client, string run, bool json, CancellationToken cancellation)
    {
        var status = await client.ShowAsync(run, cancellation);
        return status.State == RunState.Running && !json ? await ReplayCommand.FollowAsync(client, run, json, cancellation) : Print(status, json);
    }

    private static int Print(RunStatus run, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(run, ResultJson.Options));
            return 0;
        }

        AnsiConsole.MarkupLineInterpolated($"[bold]{run.Run}[/] {run.State.ToString().ToLowerInvariant()}: {run.Done:n0} of {run.Total:n0} records of {run.Topic}, {run.RecordsPerSecond:n0}/s, {run.DeadLettered} dead letters{(run.SecondsLeft is { } left ? $", {left:0} s left" : "")}");
        if (run.Error is { } error)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{error}[/]");
        }

        return 0;
    }

    private static int Print(ServingTable serving, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(serving, ResultJson.Options));
            return 0;
        }

        foreach (var entry in serving.Entries)
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{entry.Run}[/] is served for {(entry.Keys is null ? "every key" : string.Join(", ", entry.Keys))} of {entry.Topic}.");
        }

        if (serving.Entries.Count == 0)
        {
            AnsiConsole.MarkupLine("Live's own results are served.");
        }

        return 0;
    }

    private static void Print(RunVerification verification)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("results");
        foreach (var column in new[] { "equal", "different", "missing in the run", "only in the run" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var topic in verification.Topics)
        {
            table.AddRow(topic.Topic, $"{topic.Equal:n0}", $"{topic.Different:n0}", $"{topic.Missing:n0}", $"{topic.Extra:n0}");
        }

        AnsiConsole.Write(table);
        foreach (var difference in verification.Differences)
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{difference.Topic}[/] {difference.Source} {difference.Key}");
            var (live, inRun) = (difference.Live?.GetRawText(), difference.InRun?.GetRawText());
            var from = FirstDifference(live, inRun);
            AnsiConsole.MarkupLineInterpolated($"  live: {Short(live, from)}");
            AnsiConsole.MarkupLineInterpolated($"  run:  {Short(inRun, from)}");
        }

        AnsiConsole.MarkupLineInterpolated($"Run {verification.Run} and live are {(verification.IsEqual ? "equal" : "different")}.");
    }

    private static int FirstDifference(string? one, string? other) =>
        one is null || other is null ? 0 : one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();

    /// <summary>The part of a value from a little before where it differs.</summary>
    private static string Short(string? value, int from)
    {
        if (value is null)
        {
            return "(none)";
        }

        var start = Math.Max(0, Math.Min(from, value.Length) - (ShownLength / 2));
        var end = Math.Min(value.Length, start + ShownLength);
        return $"{(start > 0 ? "…" : "")}{value[start..end]}{(end < value.Length ? "…" : "")}";
    }
}

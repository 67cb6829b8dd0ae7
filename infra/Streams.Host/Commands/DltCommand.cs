using System.CommandLine;
using Spectre.Console;
using Streams.Host.DeadLetters;
using Streams.Ingest.DeadLetters;

namespace Streams.Host.Commands;

/// <summary><c>streams dlt list|show|redrive|purge</c>: records that could not be used.</summary>
internal static class DltCommand
{
    public static Command Create() => new(
        "dlt",
        """
        Records that could not be used (dead letters): look at them, send them again, or give them up.

        A crash can write a letter twice; here each record counts once.
        """)
    {
        List(), Show(), Redrive(), Purge(),
    };

    private static Command List()
    {
        var summary = new Option<bool>("--summary") { Description = "Count the letters by error and reason." };
        var command = new Command(
            "list",
            """
            List dead letters, the oldest of each partition first.

              streams dlt list --summary
              streams dlt list --topic label.samples --reason "not an allowed label" --from 2026-01-31T12:00:00Z
              streams dlt list --run check --status all --json
            """)
        {
            summary,
        };
        var options = DltOptions.AddTo(command, topicRequired: false, withStatus: true);
        command.SetAction((parsed, cancellation) => OnThread(() =>
        {
            var request = options.Read(parsed);
            return DltList.Run(request, parsed.GetValue(summary), cancellation);
        }));
        return command;
    }

    private static Command Show()
    {
        var command = new Command(
            "show",
            """
            Print a dead letter whole: where it comes from, what is wrong, headers and value.

              streams dlt show --topic label.samples --partition 2 --offset 17
            """);
        var options = DltOptions.AddTo(command, topicRequired: true, withStatus: true);
        command.SetAction((parsed, cancellation) => OnThread(() =>
        {
            var request = options.Read(parsed);
            return DltShow.Run(request, cancellation);
        }));
        return command;
    }

    private static Command Redrive()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be sent, and send nothing." };
        var command = new Command(
            "redrive",
            """
            Send pending dead letters to their source topic again: as they were, into the partition they came from, in their order there, and each
            once, also when this is killed and repeated or run twice at a time.

            Records of the same key that were processed in between are not moved: a redriven record comes after them.

              streams dlt redrive --topic label.samples --dry-run
              streams dlt redrive --topic label.samples --key animals
              streams dlt redrive --topic video.frames --exception InvalidOperationException --from 2026-01-31T12:00:00Z --to 2026-01-31T13:00:00Z
            """)
        {
            dryRun,
        };
        var options = DltOptions.AddTo(command, topicRequired: true, withStatus: false);
        command.SetAction((parsed, cancellation) => OnThread(() =>
        {
            var request = options.Read(parsed);
            return parsed.GetValue(dryRun)
                ? DltChange.Preview(request, DeadLetterStatus.Redriven, cancellation)
                : DltChange.Run(request, DeadLetterStatus.Redriven, cancellation);
        }));
        return command;
    }

    private static Command Purge()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be given up, and give up nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var compact = new Option<bool>("--compact")
        {
            Description = "Then delete the beginning of the dead-letter topic, up to the first letter that is pending or could be written again.",
        };
        var command = new Command(
            "purge",
            """
            Give pending dead letters up. They are marked, and stay readable with --status purged until retention or --compact deletes them.

              streams dlt purge --topic label.samples --reason "not JSON" --dry-run
              streams dlt purge --topic label.samples --reason "not JSON" --yes --compact
            """)
        {
            dryRun, yes, compact,
        };
        var options = DltOptions.AddTo(command, topicRequired: true, withStatus: false);
        command.SetAction((parsed, cancellation) => OnThread(async () =>
        {
            var request = options.Read(parsed);
            if (parsed.GetValue(dryRun))
            {
                return DltChange.Preview(request, DeadLetterStatus.Purged, cancellation);
            }

            if (!parsed.GetValue(yes) && !DltChange.IsConfirmed(request, cancellation))
            {
                AnsiConsole.MarkupLine("Nothing was changed.");
                return 0;
            }

            var exitCode = DltChange.Run(request, DeadLetterStatus.Purged, cancellation);
            if (parsed.GetValue(compact))
            {
                await DltChange.CompactAsync(request, cancellation);
            }

            return exitCode;
        }));
        return command;
    }

    // The client library blocks its callers.
    private static Task<int> OnThread(Func<int> work) => Task.Run(work, CancellationToken.None);

    private static Task<int> OnThread(Func<Task<int>> work) => Task.Run(work, CancellationToken.None);
}

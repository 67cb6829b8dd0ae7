using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Ingest.DeadLetters;

namespace Streams.Host.DeadLetters;

/// <summary><c>streams dlt redrive</c> and <c>streams dlt purge</c>: the two ways in which letters are done with.</summary>
internal static class DltChange
{
    private const int ShownRefusals = 20;

    /// <summary>Shows what would be done.</summary>
    public static int Preview(DltRequest request, DeadLetterStatus goal, CancellationToken cancellation)
    {
        var plan = Operation(request, goal).Plan(request.Filter, request.Limit, cancellation);
        if (request.Json)
        {
            plan.Letters.Select(LetterJson.Of).ToList().ForEach(LetterJson.Write);
            return 0;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("from and to").AddColumn(new TableColumn("letters").RightAligned())
            .AddColumn("first offset").AddColumn("last offset").AddColumn(new TableColumn("keys").RightAligned()).AddColumn(new TableColumn("bytes").RightAligned());
        foreach (var group in plan.Letters.GroupBy(letter => letter.Letter.Partition).OrderBy(group => group.Key))
        {
            table.AddRow(
                $"{request.Topic.Source}/{group.Key}", Number(group.Count()), Plain(group.Min(letter => letter.Letter.Offset)), Plain(group.Max(letter => letter.Letter.Offset)),
                Number(group.Select(letter => LetterText.OneLine(letter.Key)).Distinct().Count()), Number(group.Sum(letter => (long)(letter.ValueBytes ?? 0))));
        }

        AnsiConsole.Write(table);
        Show(plan.Refused);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{plan.Letters.Count:n0} letters would be {LetterText.Status(goal)}. Nothing was changed.");
        return 0;
    }

    /// <summary>Does it, with progress.</summary>
    public static int Run(DltRequest request, DeadLetterStatus goal, CancellationToken cancellation)
    {
        var operation = Operation(request, goal);
        var outcome = request.Json
            ? operation.Run(request.Filter, request.Limit, ct: cancellation)
            : Bars.Create()
                .Start(context =>
                {
                    var task = context.AddTask(request.Topic.Name, maxValue: 1);
                    return operation.Run(
                        request.Filter,
                        request.Limit,
                        progress =>
                        {
                            task.MaxValue = Math.Max(1, progress.Total);
                            task.Value = progress.Total == 0 ? 1 : progress.Done;
                            task.Description = string.Create(CultureInfo.InvariantCulture, $"{request.Topic.Name} {progress.Done:n0}/{progress.Total:n0} {progress.LettersPerSecond:n0}/s");
                        },
                        cancellation);
                });
        if (request.Json)
        {
            LetterJson.Write(new
            {
                topic = request.Topic.Name,
                status = LetterText.Status(goal),
                letters = outcome.Done,
                bytes = outcome.Bytes,
                refused = outcome.Refused.Select(refused => new { origin = refused.Letter.Letter.Origin.ToString(), reason = refused.Reason }),
            });
        }
        else
        {
            Show(outcome.Refused);
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[green]{outcome.Done:n0} letters of {request.Topic.Source} are {LetterText.Status(goal)}[/]{(outcome.Bytes > 0 ? $" ({outcome.Bytes:n0} bytes)" : "")}.");
        }

        return outcome.Refused.Count == 0 ? 0 : StreamsCommandLine.Failed;
    }

    /// <summary>Asks before letters are given up.</summary>
    /// <exception cref="StreamsException">There is nobody to ask.</exception>
    public static bool IsConfirmed(DltRequest request, CancellationToken cancellation)
    {
        if (Console.IsInputRedirected || request.Json)
        {
            throw new StreamsException("purge gives letters up for good and there is nobody to ask", "add --yes, or look first with --dry-run");
        }

        var count = Operation(request, DeadLetterStatus.Purged).Plan(request.Filter, request.Limit, cancellation).Letters.Count;
        return count == 0 || AnsiConsole.Confirm(string.Create(CultureInfo.InvariantCulture, $"Give up {count:n0} letters of {request.Topic.Name}?"), defaultValue: false);
    }

    /// <summary>Deletes what lies before the first letter that still matters.</summary>
    public static async Task CompactAsync(DltRequest request, CancellationToken cancellation)
    {
        var deleted = await new DeadLetterCompaction(request.Kafka, request.Topic, NullLogger.Instance).RunAsync(cancellation);
        if (request.Json)
        {
            LetterJson.Write(new { topic = request.Topic.Name, deletedOffsets = deleted });
        }
        else
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{deleted:n0} offsets of {request.Topic.Name} deleted.");
        }
    }

    private static DeadLetterOperation Operation(DltRequest request, DeadLetterStatus goal) => new(request.Kafka, request.Topic, goal, NullLogger.Instance);

    private static void Show(IReadOnlyList<RefusedLetter> refused)
    {
        foreach (var each in refused.Take(ShownRefusals))
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{each.Letter.Letter.Origin} stays pending:[/] {each.Reason}");
        }

        if (refused.Count > ShownRefusals)
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]… and {refused.Count - ShownRefusals:n0} more[/]");
        }
    }

    private static string Number(long number) => number.ToString("n0", CultureInfo.InvariantCulture);

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);
}

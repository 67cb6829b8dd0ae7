using System.Globalization;
using Spectre.Console;
using Streams.Ingest.DeadLetters;

namespace Streams.Host.DeadLetters;

/// <summary><c>streams dlt list</c>: letters in a table, or counted by what is wrong with them.</summary>
internal static class DltList
{
    // A table is for looking at; programs get all.
    private const int TableRows = 50;
    private const int ReasonLength = 90;

    public static int Run(DltRequest request, bool summary, CancellationToken cancellation)
    {
        var letters = new List<DeadLetterEntry>();
        var foreign = 0;
        var counts = new Dictionary<DeadLetterStatus, int>();
        foreach (var topic in request.Topics)
        {
            using var reader = request.Reader(topic);
            var index = reader.ReadIndex(request.Filter with { Status = null }, cancellation);
            foreach (var group in index.Entries.GroupBy(letter => letter.Status))
            {
                counts[group.Key] = counts.GetValueOrDefault(group.Key) + group.Count();
            }

            letters.AddRange(index.Entries.Where(request.Filter.Matches));
            foreign += index.Foreign;
        }

        if (summary)
        {
            Summarise(request, letters);
        }
        else if (request.Json)
        {
            letters.Take(request.Limit ?? int.MaxValue).Select(LetterJson.Of).ToList().ForEach(LetterJson.Write);
        }
        else
        {
            Show(letters, request.Limit ?? TableRows);
        }

        if (!request.Json)
        {
            var total = string.Join(", ", Enum.GetValues<DeadLetterStatus>().Select(status => $"{counts.GetValueOrDefault(status):n0} {LetterText.Status(status)}"));
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{total}{(foreign > 0 ? $"; {foreign:n0} records are no dead letters" : "")}[/]");
        }

        return 0;
    }

    private static void Show(List<DeadLetterEntry> letters, int limit)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("origin").AddColumn("published").AddColumn("key").AddColumn("status")
            .AddColumn(new TableColumn("tries").RightAligned()).AddColumn(new TableColumn("bytes").RightAligned()).AddColumn("error").AddColumn("reason");
        foreach (var entry in letters.Take(limit))
        {
            var letter = entry.Letter;
            var reason = letter.Reason.ReplaceLineEndings(" ");
            table.AddRow(
                Cell(letter.Origin.ToString()),
                Cell(LetterText.Time(letter.Timestamp)),
                Cell(LetterText.OneLine(entry.Key)),
                Cell(LetterText.Status(entry.Status)),
                Cell(Number(letter.Attempts)),
                Cell(entry.TruncatedFrom is { } whole ? $"{Number(entry.ValueBytes)} of {Number(whole)}" : Number(entry.ValueBytes)),
                Cell(letter.ExceptionType),
                Cell(reason.Length <= ReasonLength ? reason : reason[..ReasonLength] + "…"));
        }

        AnsiConsole.Write(table);
        if (letters.Count > limit)
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"… and {letters.Count - limit:n0} more: --limit shows more, --summary counts them.");
        }
    }

    private static void Summarise(DltRequest request, List<DeadLetterEntry> letters)
    {
        var groups = letters
            .GroupBy(letter => (letter.Letter.Topic, letter.Letter.ExceptionType, Reason: LetterText.Group(letter.Letter.Reason)))
            .Select(group => (
                group.Key,
                Count: group.Count(),
                Keys: group.Select(letter => LetterText.OneLine(letter.Key)).Distinct().Count(),
                First: group.Min(letter => letter.Letter.Timestamp),
                Last: group.Max(letter => letter.Letter.Timestamp)))
            .OrderByDescending(group => group.Count).ThenBy(group => group.Key)
            .Take(request.Limit ?? int.MaxValue)
            .ToList();
        if (request.Json)
        {
            groups.ForEach(group => LetterJson.Write(new
            {
                topic = group.Key.Topic,
                exception = group.Key.ExceptionType,
                reason = group.Key.Reason,
                letters = group.Count,
                keys = group.Keys,
                first = group.First,
                last = group.Last,
            }));
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("letters").RightAligned()).AddColumn(new TableColumn("keys").RightAligned())
            .AddColumn("topic").AddColumn("error").AddColumn("reason").AddColumn("first published").AddColumn("last published");
        foreach (var group in groups)
        {
            table.AddRow(
                Cell(Number(group.Count)), Cell(Number(group.Keys)), Cell(group.Key.Topic), Cell(group.Key.ExceptionType), Cell(group.Key.Reason),
                Cell(LetterText.Time(group.First)), Cell(LetterText.Time(group.Last)));
        }

        AnsiConsole.Write(table);
    }

    private static Text Cell(string text) => new(text);

    private static string Number(long? number) => number?.ToString("n0", CultureInfo.InvariantCulture) ?? "none";
}

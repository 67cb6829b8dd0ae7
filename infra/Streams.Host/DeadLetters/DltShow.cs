using System.Globalization;
using Confluent.Kafka;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Ingest.DeadLetters;

namespace Streams.Host.DeadLetters;

/// <summary><c>streams dlt show</c>: a letter whole.</summary>
internal static class DltShow
{
    public static int Run(DltRequest request, CancellationToken cancellation)
    {
        using var reader = request.Reader(request.Topic);
        var matching = reader.ReadIndex(request.Filter, cancellation).Entries;
        if (matching.Count == 0)
        {
            throw new StreamsException(
                $"no letter of {request.Topic.Name} is meant by these options",
                "see what there is with `streams dlt list`; letters that are redriven or purged are shown with --status all");
        }

        var chosen = matching.Take(request.Limit ?? 1).ToList();
        foreach (var (entry, record) in chosen.Zip(reader.Read(chosen, cancellation)))
        {
            if (request.Json)
            {
                LetterJson.Write(LetterJson.Whole(entry, record));
            }
            else
            {
                Write(entry, record);
            }
        }

        if (matching.Count > chosen.Count && !request.Json)
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{matching.Count - chosen.Count:n0} more letters are meant: --partition and --offset name one, --limit shows more.[/]");
        }

        return 0;
    }

    private static void Write(DeadLetterEntry entry, ConsumeResult<byte[]?, byte[]?> record)
    {
        var letter = entry.Letter;
        var grid = new Grid().AddColumn().AddColumn();
        foreach (var (name, value) in new (string, string?)[]
        {
            ("origin", letter.Origin.ToString()),
            ("first origin", letter.FirstOrigin?.ToString()),
            ("run", letter.Run),
            ("published", LetterText.Time(letter.Timestamp)),
            ("given up", letter.Time is { } time ? LetterText.Time(time) : null),
            ("status", LetterText.Status(entry.Status) + (entry.DoneAt is { } done ? $" {LetterText.Time(done)}" : "")),
            ("attempts", Number(letter.Attempts)),
            ("letter", $"{entry.Position.Topic}/{entry.Position.Partition.Value}/{entry.Position.Offset.Value}{(entry.Copies > 1 ? $", written {entry.Copies} times" : "")}"),
            ("key", LetterText.OneLine(entry.Key)),
            ("error", letter.ExceptionType),
            ("reason", letter.Reason),
        })
        {
            if (value is not null)
            {
                grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));
            }
        }

        AnsiConsole.Write(grid);
        AnsiConsole.MarkupLine("[grey]headers[/]");
        foreach (var header in record.Message.Headers ?? [])
        {
            if (!header.Key.StartsWith("dlt-", StringComparison.Ordinal))
            {
                Console.Out.WriteLine($"  {header.Key}: {LetterText.OneLine(header.GetValueBytes())}");
            }
        }

        var size = entry.TruncatedFrom is { } whole ? $"{Number(entry.ValueBytes ?? 0)} of {Number(whole)} bytes, cut" : $"{Number(entry.ValueBytes ?? 0)} bytes";
        AnsiConsole.MarkupLineInterpolated($"[grey]value, {size}[/]");
        Console.Out.WriteLine(LetterText.Value(record.Message.Value));
    }

    private static string Number(long number) => number.ToString("n0", CultureInfo.InvariantCulture);
}

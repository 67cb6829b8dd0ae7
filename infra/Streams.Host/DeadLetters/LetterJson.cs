using System.Text.Json;
using Confluent.Kafka;
using Streams.Ingest.DeadLetters;
using Streams.Schemas.Results;

namespace Streams.Host.DeadLetters;

/// <summary>A letter as one JSON object, for programs.</summary>
internal static class LetterJson
{
    public static void Write(object line) => Console.Out.WriteLine(JsonSerializer.Serialize(line, ResultJson.Options));

    public static Dictionary<string, object?> Of(DeadLetterEntry entry)
    {
        var letter = entry.Letter;
        var line = new Dictionary<string, object?>
        {
            ["origin"] = letter.Origin.ToString(),
            ["run"] = letter.Run,
            ["topic"] = letter.Topic,
            ["partition"] = letter.Partition,
            ["offset"] = letter.Offset,
            ["time"] = letter.Timestamp,
            ["exception"] = letter.ExceptionType,
            ["reason"] = letter.Reason,
            ["attempts"] = letter.Attempts,
            ["status"] = LetterText.Status(entry.Status),
            ["valueBytes"] = entry.ValueBytes,
            ["copies"] = entry.Copies,
        };
        AddBytes(line, "key", entry.Key);
        foreach (var (name, value) in new (string, object?)[]
        {
            ("deadLetteredAt", letter.Time), ("firstOrigin", letter.FirstOrigin?.ToString()), ("truncatedFrom", entry.TruncatedFrom), ("doneAt", entry.DoneAt),
        })
        {
            if (value is not null)
            {
                line[name] = value;
            }
        }

        return line;
    }

    /// <summary>The same with headers and value.</summary>
    public static Dictionary<string, object?> Whole(DeadLetterEntry entry, ConsumeResult<byte[]?, byte[]?> record)
    {
        var line = Of(entry);
        line["headers"] = (record.Message.Headers ?? []).Select(header =>
        {
            var pair = new Dictionary<string, object?> { ["name"] = header.Key };
            AddBytes(pair, "value", header.GetValueBytes());
            return pair;
        }).ToList();
        AddBytes(line, "value", record.Message.Value);
        return line;
    }

    /// <summary>Text where it is text, else its base64 under another name; nothing for null.</summary>
    public static void AddBytes(Dictionary<string, object?> line, string name, byte[]? bytes)
    {
        if (bytes is not null)
        {
            var text = LetterText.Utf8(bytes);
            line[text is null ? name + "Base64" : name] = text ?? Convert.ToBase64String(bytes);
        }
    }
}

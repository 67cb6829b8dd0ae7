using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Streams.Ingest.DeadLetters;

namespace Streams.Host.DeadLetters;

/// <summary>Letters and their parts in words.</summary>
internal static partial class LetterText
{
    private const int HexBytes = 256;
    private const int HexPerLine = 16;
    private const int GroupLength = 72;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Not for HTML: letters of any script are readable as they are.
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Status(DeadLetterStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>A key or header in one line; bytes that are no text as hexadecimal digits.</summary>
    public static string OneLine(byte[]? bytes) => bytes switch
    {
        null => "none",
        _ when Utf8(bytes) is { } text && !text.Any(char.IsControl) => text,
        _ => "0x" + Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 24))) + (bytes.Length > 24 ? "…" : ""),
    };

    /// <summary>The text of UTF-8; null for anything else.</summary>
    public static string? Utf8(byte[] bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>A value for people: JSON laid out, text as it is, of anything else its first bytes.</summary>
    public static string Value(byte[]? value)
    {
        if (value is null || value.Length == 0)
        {
            return value is null ? "(no value)" : "(0 bytes)";
        }

        if (Utf8(value) is not { } text || text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
        {
            return Hex(value);
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(json.RootElement, Indented);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    /// <summary>What reasons of one kind have in common: numbers and quoted values are left out, and only the beginning counts.</summary>
    public static string Group(string reason)
    {
        var common = Numbers().Replace(Quoted().Replace(reason.ReplaceLineEndings(" "), "'…'"), "#");
        return common.Length <= GroupLength ? common : common[..GroupLength] + "…";
    }

    private static string Hex(byte[] value)
    {
        var text = new StringBuilder();
        for (var at = 0; at < Math.Min(value.Length, HexBytes); at += HexPerLine)
        {
            var line = value.AsSpan(at, Math.Min(HexPerLine, value.Length - at));
            var digits = string.Join(' ', line.ToArray().Select(each => each.ToString("x2", CultureInfo.InvariantCulture)));
            var characters = string.Concat(line.ToArray().Select(each => each is >= 0x20 and < 0x7F ? (char)each : '.'));
            text.AppendLine(CultureInfo.InvariantCulture, $"{at:x8}  {digits.PadRight((HexPerLine * 3) - 1)}  {characters}");
        }

        return text + (value.Length > HexBytes ? string.Create(CultureInfo.InvariantCulture, $"… {value.Length - HexBytes:n0} more bytes") : "");
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\d+([.,]\d+)*")]
    private static partial Regex Numbers();
}

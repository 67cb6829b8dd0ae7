namespace Streams.Schemas;

/// <summary>
/// A record that breaks the wire contract. The record goes to the dead-letter topic with this message,
/// which names the field, the value found and what would be right.
/// </summary>
public sealed class RecordFormatException : Exception
{
    /// <summary>Says that <paramref name="field"/> is wrong.</summary>
    public RecordFormatException(string field, string problem, Exception? inner = null)
        : base($"{field}: {problem}", inner) => Field = field;

    /// <summary>The header, column or JSON field at fault.</summary>
    public string Field { get; }
}

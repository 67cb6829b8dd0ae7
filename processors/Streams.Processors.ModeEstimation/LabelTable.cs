using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation;

/// <summary>Numbers the labels of a task in the order in which they were first seen.</summary>
internal sealed class LabelTable
{
    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Texts => _texts;

    public int? NumberOf(string text) => _numbers.TryGetValue(text, out var number) ? number : null;

    /// <summary>
    /// Number of a label of the task. K is the promise of whoever defined the task, and the error bound counts on it: raising it because of what the data
    /// show is not covered by any proof, so a label too many is refused. In an active task the query then stays open.
    /// </summary>
    /// <exception cref="RecordFormatException">One label more than the definition allows; nothing has changed.</exception>
    public int Admit(string label, LabelTask definition, bool isImplied) =>
        NumberOf(label) is null && _texts.Count == definition.LabelBound() ? throw OneTooMany("data.label", label, definition, isImplied) : GetOrAdd(label);

    /// <summary>What to say of a label that is one too many.</summary>
    public static RecordFormatException OneTooMany(string field, string label, LabelTask definition, bool isImplied) => new(
        field,
        $"is '{Shown(label)}', one more than the {definition.Labels} different labels that {(isImplied ? "the defaults allow" : "the task's definition allows")}; define a new task with more labels, or correct the label");

    public int GetOrAdd(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            number = _texts.Count;
            _texts.Add(text);
            _numbers.Add(text, number);
        }

        return number;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_texts.Count);
        _texts.ForEach(writer.Write);
    }

    public static LabelTable Restore(BinaryReader reader)
    {
        var labels = new LabelTable();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            labels.GetOrAdd(reader.ReadString());
        }

        return labels;
    }

    /// <summary>A producer's text inside a message, cut to where it still helps.</summary>
    public static string Shown(string text) => text.Length <= 64 ? text : $"{text.AsSpan(0, 64)}...";
}

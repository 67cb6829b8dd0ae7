namespace Streams.Processors.ModeEstimation;

/// <summary>Numbers the labels of a task in the order in which they were first seen.</summary>
internal sealed class LabelTable
{
    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Texts => _texts;

    public int? NumberOf(string text) => _numbers.TryGetValue(text, out var number) ? number : null;

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
}

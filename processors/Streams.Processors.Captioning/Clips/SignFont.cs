namespace Streams.Processors.Captioning.Clips;

/// <summary>Capital letters of 5 x 7 cells with a free cell around them.</summary>
internal static class SignFont
{
    public const int Rows = 9;
    private const int LetterColumns = 5;
    private const int LetterRows = 7;
    private const int Pitch = LetterColumns + 1;

    // The rows of a letter from the top, each a bit a cell, the left cell highest.
    private static readonly Dictionary<char, byte[]> Letters = new()
    {
        ['A'] = [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
        ['B'] = [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110],
        ['C'] = [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111],
        ['E'] = [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
        ['F'] = [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000],
        ['G'] = [0b01111, 0b10000, 0b10000, 0b10011, 0b10001, 0b10001, 0b01111],
        ['H'] = [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
        ['I'] = [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        ['L'] = [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
        ['N'] = [0b10001, 0b11001, 0b11001, 0b10101, 0b10011, 0b10011, 0b10001],
        ['O'] = [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        ['P'] = [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],
        ['S'] = [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
        ['T'] = [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
        ['U'] = [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        ['X'] = [0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001],
    };

    /// <summary>Cells that <paramref name="text"/> is wide.</summary>
    public static int Columns(string text) => (Pitch * text.Length) + 1;

    /// <summary>Whether a cell of <paramref name="text"/> is ink.</summary>
    public static bool IsInk(string text, int column, int row)
    {
        var (letter, x, y) = ((column - 1) / Pitch, (column - 1) % Pitch, row - 1);
        return column >= 1 && letter < text.Length && x < LetterColumns && y is >= 0 and < LetterRows
            && ((Letters[text[letter]][y] >> (LetterColumns - 1 - x)) & 1) != 0;
    }
}

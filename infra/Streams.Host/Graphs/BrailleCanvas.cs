using System.Text;

namespace Streams.Host.Graphs;

/// <summary>A picture of dots for a terminal: two by four of them a character (Unicode's braille patterns), and letters on top.</summary>
internal sealed class BrailleCanvas(int columns, int rows)
{
    public const int DotsAcross = 2;
    public const int DotsDown = 4;

    private const char Blank = '\u2800';

    private readonly char[] _cells = [.. Enumerable.Repeat(Blank, columns * rows)];

    /// <summary>Width in dots.</summary>
    public int Width => columns * DotsAcross;

    /// <summary>Height in dots.</summary>
    public int Height => rows * DotsDown;

    /// <summary>A straight line between two dots, both inside.</summary>
    public void Line(int x0, int y0, int x1, int y1)
    {
        var steps = Math.Max(1, Math.Max(Math.Abs(x1 - x0), Math.Abs(y1 - y0)));
        for (var i = 0; i <= steps; i++)
        {
            Dot(x0 + (int)Math.Round((x1 - x0) * (double)i / steps), y0 + (int)Math.Round((y1 - y0) * (double)i / steps));
        }
    }

    /// <summary>Writes over the dots of a row of characters; false, and nothing written, when it does not fit or would cover other text.</summary>
    public bool Text(int column, int row, string text)
    {
        if (row < 0 || row >= rows || column < 0 || column + text.Length > columns
            || Enumerable.Range(column, text.Length).Any(at => IsText(_cells[(row * columns) + at])))
        {
            return false;
        }

        text.CopyTo(0, _cells, (row * columns) + column, text.Length);
        return true;
    }

    /// <summary>The rows, without blanks at their ends.</summary>
    public IEnumerable<string> Lines()
    {
        for (var row = 0; row < rows; row++)
        {
            yield return new StringBuilder().Append(_cells, row * columns, columns).Replace(Blank, ' ').ToString().TrimEnd();
        }
    }

    private static bool IsText(char cell) => cell is < Blank or > '\u28FF';

    private void Dot(int x, int y)
    {
        var cell = (y / DotsDown * columns) + (x / DotsAcross);
        if (!IsText(_cells[cell]))
        {
            // Bits 0-2 are the upper three dots of the left column, 3-5 of the right one, 6 and 7 the lowest dots.
            var (right, down) = (x % DotsAcross, y % DotsDown);
            _cells[cell] |= (char)(1 << (down == 3 ? 6 + right : (3 * right) + down));
        }
    }
}

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Numbers as they go out and into the state.</summary>
internal static class Numbers
{
    /// <summary>As many significant digits; seven are what a float32 reading has, and half the bytes in JSON.</summary>
    public static double Significant(double value, int significant = 7)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value;
        }

        var digits = significant - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return digits is >= 0 and <= 15 ? Math.Round(value, digits) : (float)value;
    }

    /// <summary>Makes a matrix exactly symmetric and rounds it to float32, so that what is saved in four bytes is what is worked with.</summary>
    public static void RoundToSingle(double[] symmetric, int size)
    {
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                symmetric[(i * size) + j] = symmetric[(j * size) + i] = (float)symmetric[(i * size) + j];
            }
        }
    }
}

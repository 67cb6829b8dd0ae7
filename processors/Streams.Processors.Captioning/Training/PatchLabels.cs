using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Training;

/// <summary>For each patch of each picture: what object covers it, and where that object's centre lies from the patch's centre.</summary>
internal sealed class PatchLabels(int pictures, int grid)
{
    private const double CoveredShare = 0.12;

    /// <summary>0 for no object, else 1 + shape.</summary>
    public long[] Shapes { get; } = new long[pictures * grid * grid];

    /// <summary>0 for no object, else 1 + colour.</summary>
    public long[] Colours { get; } = new long[pictures * grid * grid];

    /// <summary>0 for no object, else 1 + size.</summary>
    public long[] Sizes { get; } = new long[pictures * grid * grid];

    /// <summary>Background of the picture, repeated for its patches.</summary>
    public long[] Backgrounds { get; } = new long[pictures * grid * grid];

    /// <summary>x and y from the patch's centre to the object's, in patches; 0 where there is no object.</summary>
    public float[] Centres { get; } = new float[pictures * grid * grid * 2];

    public void Add(int picture, ClipScene scene, double tick, int size, byte[] owners)
    {
        var side = size / grid;
        Span<int> counts = stackalloc int[scene.Objects.Count + 1];
        for (var patch = 0; patch < grid * grid; patch++)
        {
            var (row, column) = (patch / grid, patch % grid);
            counts.Clear();
            for (var pixel = 0; pixel < side * side; pixel++)
            {
                counts[owners[(((row * side) + (pixel / side)) * size) + (column * side) + (pixel % side)]]++;
            }

            var at = (picture * grid * grid) + patch;
            Backgrounds[at] = (long)scene.Background;
            var covering = 1;
            for (var i = 2; i < counts.Length; i++)
            {
                covering = counts[i] > counts[covering] ? i : covering;
            }

            if (counts[covering] >= CoveredShare * side * side)
            {
                var item = scene.Objects[covering - 1];
                Shapes[at] = 1 + (long)item.Description.Shape;
                Colours[at] = 1 + (long)item.Description.Colour;
                Sizes[at] = 1 + (long)item.Description.Size;
                var (x, y) = item.At(tick);
                Centres[2 * at] = (float)((x * grid) - column - 0.5);
                Centres[(2 * at) + 1] = (float)((y * grid) - row - 0.5);
            }
        }
    }
}

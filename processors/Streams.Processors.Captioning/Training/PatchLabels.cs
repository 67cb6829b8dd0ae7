using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Training;

/// <summary>For each patch of each picture: what covers it, and where that object's centre lies from the patch's centre.</summary>
internal sealed class PatchLabels(int pictures, int grid)
{
    /// <summary>Label of a patch that a read-out is not asked about.</summary>
    public const long Ignored = -100;

    /// <summary>Shape of a patch that shows the sign; nothing is 0, an object 1 + its shape.</summary>
    public static readonly long SignShape = 1 + Enum.GetValues<ObjectShape>().Length;

    private const double CoveredShare = 0.12;

    /// <summary>0 for nothing, 1 + shape for an object, <see cref="SignShape"/>.</summary>
    public long[] Shapes { get; } = new long[pictures * grid * grid];

    /// <summary>Colour of the object.</summary>
    public long[] Colours { get; } = New(pictures * grid * grid);

    /// <summary>Size of the object.</summary>
    public long[] Sizes { get; } = New(pictures * grid * grid);

    /// <summary>How many objects there are of its kind, less one.</summary>
    public long[] Counts { get; } = New(pictures * grid * grid);

    /// <summary>Word on the sign.</summary>
    public long[] Words { get; } = New(pictures * grid * grid);

    /// <summary>Background of the picture, repeated for its patches.</summary>
    public long[] Backgrounds { get; } = new long[pictures * grid * grid];

    /// <summary>x and y from the patch's centre to the object's or the sign's, in patches; 0 where there is neither.</summary>
    public float[] Centres { get; } = new float[pictures * grid * grid * 2];

    /// <summary>Labels a picture.</summary>
    /// <param name="picture">Its number.</param>
    /// <param name="scene">What was drawn.</param>
    /// <param name="tick">When.</param>
    /// <param name="size">Pixels a side.</param>
    /// <param name="owners">What <see cref="SceneRenderer"/> says of its pixels.</param>
    /// <param name="hasColour">False when its colours were taken away.</param>
    public void Add(int picture, ClipScene scene, double tick, int size, byte[] owners, bool hasColour)
    {
        var members = scene.Objects.SelectMany(item => Enumerable.Range(0, item.Description.Count).Select(member => (item, Centre: item.At(tick, member)))).ToList();
        var side = size / grid;
        Span<int> counts = stackalloc int[byte.MaxValue + 1];
        for (var patch = 0; patch < grid * grid; patch++)
        {
            var (row, column) = (patch / grid, patch % grid);
            counts.Clear();
            for (var pixel = 0; pixel < side * side; pixel++)
            {
                counts[owners[(((row * side) + (pixel / side)) * size) + (column * side) + (pixel % side)]]++;
            }

            counts[0] = 0;
            var at = (picture * grid * grid) + patch;
            Backgrounds[at] = (long)scene.Background.Kind;
            var owner = Largest(counts);
            if (counts[owner] < CoveredShare * side * side)
            {
                continue;
            }

            if (owner == SceneRenderer.SignOwner)
            {
                var sign = scene.Sign!;
                Shapes[at] = SignShape;
                Words[at] = (long)sign.Word;
                SetCentre(at, row, column, sign.Left + (sign.Width / 2), sign.Top + (sign.Height / 2));
                continue;
            }

            var (item, centre) = members[owner - 1];
            Shapes[at] = item.Outline is null ? 1 + (long)item.Description.Shape : Ignored;
            Colours[at] = hasColour ? (long)item.Description.Colour : Ignored;
            Sizes[at] = (long)item.Description.Size;
            Counts[at] = item.Description.Count - 1;
            SetCentre(at, row, column, centre.X, centre.Y);
        }
    }

    /// <summary>The labels of pictures <paramref name="kept"/> of each run of <paramref name="frames"/>.</summary>
    public PatchLabels Keep(int frames, IReadOnlyList<int> kept)
    {
        var result = new PatchLabels(pictures / frames * kept.Count, grid);
        var patches = grid * grid;
        for (var i = 0; i < pictures / frames * kept.Count; i++)
        {
            var (from, to) = (((i / kept.Count * frames) + kept[i % kept.Count]) * patches, i * patches);
            foreach (var (source, target) in new[]
            {
                (Shapes, result.Shapes), (Colours, result.Colours), (Sizes, result.Sizes), (Counts, result.Counts), (Words, result.Words), (Backgrounds, result.Backgrounds),
            })
            {
                Array.Copy(source, from, target, to, patches);
            }

            Array.Copy(Centres, 2 * from, result.Centres, 2 * to, 2 * patches);
        }

        return result;
    }

    private static int Largest(ReadOnlySpan<int> counts)
    {
        var largest = 0;
        for (var i = 1; i < counts.Length; i++)
        {
            largest = counts[i] > counts[largest] ? i : largest;
        }

        return largest;
    }

    private static long[] New(int count)
    {
        var labels = new long[count];
        Array.Fill(labels, Ignored);
        return labels;
    }

    private void SetCentre(int at, int row, int column, double x, double y)
    {
        Centres[2 * at] = (float)((x * grid) - column - 0.5);
        Centres[(2 * at) + 1] = (float)((y * grid) - row - 0.5);
    }
}

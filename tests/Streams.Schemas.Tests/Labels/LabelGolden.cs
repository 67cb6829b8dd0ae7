namespace Streams.Schemas.Tests.Labels;

/// <summary>The files of <c>Golden/</c>, read from the source tree so that a test cannot pass on a stale copy.</summary>
internal static class LabelGolden
{
    public static byte[] Read(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"no Streams.sln above {AppContext.BaseDirectory}");
        }

        return File.ReadAllBytes(Path.Combine(folder.FullName, "tests", "Streams.Schemas.Tests", "Golden", name));
    }
}

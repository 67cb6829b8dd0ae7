namespace Streams.Schemas.Tests;

/// <summary>Files of the repository, read where they lie so that a test cannot pass on a stale copy.</summary>
internal static class SourceTree
{
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Streams.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"no Streams.sln above {AppContext.BaseDirectory}");
        }

        return System.IO.Path.Combine([folder.FullName, .. parts]);
    }
}

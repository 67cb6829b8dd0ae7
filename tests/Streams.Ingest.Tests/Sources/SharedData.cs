namespace Streams.Ingest.Tests.Sources;

/// <summary>Real data that lie beside the repository; a test that needs them is skipped where they are not.</summary>
internal static class SharedData
{
    public static string Find(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
        {
            folder = folder.Parent;
        }

        for (; folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", relative);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/data/{relative} is not beside the repository");
        return "";
    }
}

namespace Streams.Captioning.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("streams-captioning-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

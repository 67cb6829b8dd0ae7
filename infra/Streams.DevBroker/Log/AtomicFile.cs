namespace Streams.DevBroker.Log;

/// <summary>Replaces small files so that a crash leaves either the old content or the new one.</summary>
internal static class AtomicFile
{
    public const string TemporaryExtension = ".tmp";

    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + TemporaryExtension;
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
    }
}

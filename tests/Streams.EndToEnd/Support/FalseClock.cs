using System.Diagnostics;

namespace Streams.EndToEnd.Support;

/// <summary>
/// A wall clock that is wrong for the processes that get its <see cref="Variables"/>, and can be set while they run (<c>false_clock.c</c>, compiled
/// here and preloaded). Monotonic clocks stay right, as on a machine whose clock is set.
/// </summary>
internal sealed class FalseClock : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-clock-").FullName;
    private readonly FileStream _offset;

    /// <summary>A clock that many hours off, or a skipped test that says what is missing.</summary>
    public FalseClock(int hours)
    {
        var (library, offset) = (Path.Combine(_folder, "false_clock.so"), Path.Combine(_folder, "seconds"));
        _offset = new FileStream(offset, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Set(hours);
        Compile(library);
        Variables = new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["STREAMS_FALSE_CLOCK"] = offset };
    }

    public IReadOnlyDictionary<string, string> Variables { get; }

    public void Set(int hours) => RandomAccess.Write(_offset.SafeFileHandle, BitConverter.GetBytes(hours * 3600L), 0);

    public void Dispose()
    {
        _offset.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Compile(string library)
    {
        try
        {
            using var compiler = Process.Start(
                "cc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, Repository.PathOf("tests", "Streams.EndToEnd", "Support", "false_clock.c"), "-ldl"]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("cc is not installed (apt-get install gcc libc6-dev), and the clock of a single process cannot be changed without");
        }
    }
}

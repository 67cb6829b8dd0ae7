using System.Diagnostics;
using System.Globalization;

namespace Streams.EndToEnd.Support;

/// <summary>A wall clock that is wrong for the processes that get its <see cref="Variables"/>, and can be set while they run (libfaketime). Monotonic clocks stay right, as on a machine whose clock is set.</summary>
internal sealed class FalseClock : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-clock-").FullName;

    /// <summary>A clock that many hours off, or a skipped test that says what is missing.</summary>
    public FalseClock(int hours)
    {
        var library = Find();
        if (library is null)
        {
            Assert.Skip("libfaketime is not installed (apt-get install faketime)");
        }

        Set(hours);
        Variables = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = $"{CompileShim()}:{library}",
            ["FAKETIME_TIMESTAMP_FILE"] = File,
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["FAKETIME_CACHE_DURATION"] = "1",
        };
    }

    public IReadOnlyDictionary<string, string> Variables { get; }

    private string File => Path.Combine(_folder, "offset");

    public void Set(int hours)
    {
        // In one step: a file half written would be another time for a moment.
        System.IO.File.WriteAllText(File + ".new", string.Create(CultureInfo.InvariantCulture, $"{hours * 3600:+0;-0}\n"));
        System.IO.File.Move(File + ".new", File, overwrite: true);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string? Find() => Directory.EnumerateFiles(
        "/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true }).FirstOrDefault();

    private string CompileShim()
    {
        var shim = Path.Combine(_folder, "cnd_timedwait.so");
        try
        {
            using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-O2", "-o", shim, Repository.PathOf("tests", "Streams.EndToEnd", "Support", "cnd_timedwait.c")]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("cc is not installed (apt-get install gcc libc6-dev)");
        }

        return shim;
    }
}

using FFMpegCore;

namespace Streams.Ingest.Sources.Video;

/// <summary>Finds the ffmpeg programs. FFMpegCore alone would silently take another one where the folder given does not hold them.</summary>
public static class FFmpegTools
{
    private const string Remedy = "install ffmpeg (Debian and Ubuntu: apt-get install ffmpeg) or name its folder";

    /// <summary>The folder that holds ffmpeg and ffprobe.</summary>
    /// <param name="folder">Where to look; null for the folders of PATH.</param>
    /// <exception cref="SourceException">They are not there.</exception>
    public static string Locate(string? folder = null) => Locate(folder, Environment.GetEnvironmentVariable("PATH") ?? "");

    internal static string Locate(string? folder, string path)
    {
        if (folder is not null)
        {
            return Holds(folder)
                ? Path.GetFullPath(folder)
                : throw new SourceException($"the folder '{folder}' does not hold ffmpeg and ffprobe; {Remedy}");
        }

        // Relative entries of PATH would mean whatever folder the process happens to stand in.
        return path.Split(Path.PathSeparator).FirstOrDefault(entry => Path.IsPathFullyQualified(entry) && Holds(entry))
            ?? throw new SourceException($"ffmpeg and ffprobe are not in PATH ({path}); {Remedy}");
    }

    internal static FFOptions Options(string folder) => new() { BinaryFolder = folder };

    private static bool Holds(string folder) => File.Exists(Program(folder, "ffmpeg")) && File.Exists(Program(folder, "ffprobe"));

    private static string Program(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);
}

using System.Diagnostics;
using Streams.Processors.Captioning.Pipeline;

namespace Streams.Captioning.Tests.Pipeline;

public sealed class LibtorchFolderTests
{
    [Fact]
    public async Task Load_ProgramWithoutNatives_RunsOnThoseOfTheFolder()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => !IsNative(Path.GetFileName(file))))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        var without = await RunAsync(folder.Path, null);
        var with = await RunAsync(folder.Path, AppContext.BaseDirectory);

        Assert.Contains("Failed: 1", without, StringComparison.Ordinal);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0", with, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoSuchFolder_SaysHowToFindPyTorchs()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => LibtorchFolder.Load("/nowhere"));

        Assert.Contains("'/nowhere' is not there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FolderOfSomethingElse_NamesTheMissingLibrary()
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<FileNotFoundException>(() => LibtorchFolder.Load(folder.Path));

        Assert.Contains("libc10.so", error.Message, StringComparison.Ordinal);
    }

    // TorchSharp's own shim stays: it is of the program, not of libtorch.
    private static bool IsNative(string file) => file.StartsWith("libtorch", StringComparison.Ordinal) || file.StartsWith("libc10", StringComparison.Ordinal) || file.StartsWith("libgomp", StringComparison.Ordinal);

    private static async Task<string> RunAsync(string program, string? libtorch)
    {
        var start = new ProcessStartInfo(
            Path.Combine(program, Path.GetFileName(Environment.ProcessPath!)),
            ["-noLogo", "-noColor", "-method", $"{typeof(TorchLoadTests).FullName}.{nameof(TorchLoadTests.Tensor_OnThisMachine_LoadsTheNativesAndAdds)}"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[AssemblySetup.LibtorchVariable] = libtorch;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}

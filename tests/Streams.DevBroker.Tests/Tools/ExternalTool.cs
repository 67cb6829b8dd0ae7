using System.Diagnostics;

namespace Streams.DevBroker.Tests.Tools;

/// <summary>Runs programs of other houses that speak the protocol.</summary>
internal static class ExternalTool
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Append("/usr/bin")
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs a program and returns what it printed; fails the test when it fails.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? input = null)
    {
        var (exitCode, output, errors) = await TryRunAsync(program, arguments, input);
        Assert.True(exitCode == 0, $"{program} ended with {exitCode}: {errors}\n{output}");
        return output;
    }

    public static async Task<(int ExitCode, string Output, string Errors)> TryRunAsync(string program, IEnumerable<string> arguments, string? input = null)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(s_patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {s_patience}.");
        }
    }
}

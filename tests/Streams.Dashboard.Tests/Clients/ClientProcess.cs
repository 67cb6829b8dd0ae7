using System.Diagnostics;

namespace Streams.Dashboard.Tests.Clients;

/// <summary>One of infra/examples/clients, as its reader would start it.</summary>
internal sealed class ClientProcess : IDisposable
{
    private readonly Process _process;

    private ClientProcess(Process process) => _process = process;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Starts a client; skips the test, with the reason, where what it needs is not installed.</summary>
    public static async Task<ClientProcess> StartAsync(string file, params string[] arguments)
    {
        var path = Path.Combine(Folder(), file);
        string[] command = Path.GetExtension(file) switch
        {
            ".cs" => [Find("dotnet"), "run", path, "--"],
            // The distribution's interpreter, whatever else stands earlier on the path: it is the one that has its packages.
            ".py" => [File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : Find("python3"), path],
            _ => [Find("node"), path],
        };
        if (file == "redis_client.py")
        {
            await RequireAsync(command[0], ["-c", "import redis"], "python3 has no module redis (apt-get install python3-redis)");
        }
        else if (file == "redis.mjs")
        {
            await RequireAsync(command[0], ["-e", "require('redis')"], "node finds no module redis (npm install --no-save redis, in infra/examples/clients)");
        }

        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => TestContext.Current.TestOutputHelper?.WriteLine(line.Data ?? "");
        process.BeginErrorReadLine();
        return new ClientProcess(process);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static async Task RequireAsync(string program, string[] arguments, string reason)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder(), RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(process.ExitCode != 0, reason);
    }

    private static string Find(string name)
    {
        var path = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(folder =>
            Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed");
        return path!;
    }

    private static string Folder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Streams.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"no Streams.sln above {AppContext.BaseDirectory}");
        }

        return Path.Combine(folder, "infra", "examples", "clients");
    }
}

using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Tools;

public sealed class PythonClientTests : IAsyncLifetime
{
    private const int Count = 10_000;

    // The distribution's interpreter, whatever else stands earlier on the path: it is the one that has its packages.
    private readonly string? _python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : ExternalTool.Find("python3");
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData("none", "")]
    [InlineData("gzip", "")]
    [InlineData("zstd", "")]
    [InlineData("none", "0.11.0")]
    [InlineData("gzip", "1.1.0")]
    public async Task RoundTrip_TenThousandRecords_Succeeds(string codec, string apiVersion)
    {
        string python = await RequireModuleAsync("kafka", "python3-kafka");
        if (codec == "zstd")
            await RequireModuleAsync("zstandard", "python3-zstandard");
        string script = Path.Combine(AppContext.BaseDirectory, "Tools", "roundtrip.py");
        List<string> arguments = [script, _broker.BootstrapServers, TestBroker.UniqueName("python"), $"{Count}", codec];
        if (apiVersion.Length > 0)
            arguments.Add(apiVersion);

        string output = await ExternalTool.RunAsync(python, arguments);

        Assert.Equal($"ok {Count}", output.Trim());
    }

    private async Task<string> RequireModuleAsync(string module, string package)
    {
        Assert.SkipWhen(_python is null, "python3 is not installed");
        var (exitCode, _, _) = await ExternalTool.TryRunAsync(_python!, ["-c", $"import {module}"]);
        Assert.SkipWhen(exitCode != 0, $"python3 has no module '{module}' (apt-get install {package})");
        return _python!;
    }
}

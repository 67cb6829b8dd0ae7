using System.CommandLine;

namespace Streams.Host.Cli;

/// <summary>The options of commands that ask a running pipeline over REST.</summary>
internal sealed class DashboardAccess
{
    /// <summary>Where a key can stand that shall not be seen among the machine's processes.</summary>
    public const string KeyVariable = "STREAMS_API_KEY";

    private readonly Option<string?> _url = CommonOptions.DashboardUrl();

    private readonly Option<string?> _key = new("--api-key")
    {
        Description = $"API key or token, where the pipeline asks for one. Default: the environment variable {KeyVariable}, which other users of the machine cannot see.",
        HelpName = "key",
    };

    /// <summary>Adds the options, and <c>--set</c>.</summary>
    public static DashboardAccess AddTo(Command command)
    {
        var access = new DashboardAccess();
        command.Options.Add(access._url);
        command.Options.Add(access._key);
        command.Options.Add(CommonOptions.Set());
        return access;
    }

    /// <summary>What this command line says.</summary>
    /// <exception cref="StreamsException">A setting cannot be used.</exception>
    public DashboardAt Read(ParseResult parsed) => new(
        CommonOptions.Load(parsed, (_url, "Streams:Dashboard:Url")).Dashboard.Url.Split(';')[0],
        parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable));
}

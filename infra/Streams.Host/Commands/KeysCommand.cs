using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Spectre.Console;
using Streams.Dashboard.Security;
using Streams.Host.Cli;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams keys create</c>: API keys for the dashboard, REST and SSE.</summary>
internal static partial class KeysCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Whose key it is; the audit log knows them by it. Letters, digits, hyphens and underscores." };
        var role = new Option<AccessRole>("--role")
        {
            Description = "viewer: sees everything; operator: also replays, promotes and deletes.",
            DefaultValueFactory = _ => AccessRole.Viewer,
        };
        var json = CommonOptions.Json();
        var create = new Command(
            "create",
            """
            Make a key, and print it with the settings that let it in. It is kept nowhere: the settings have its hash.

              streams keys create wall-screen
              streams keys create ada --role operator --json
            """)
        {
            name, role, json,
        };
        create.SetAction(parsed => Create(parsed.GetValue(name)!, parsed.GetValue(role), parsed.GetValue(json)));
        return new Command("keys", "Make API keys. As soon as the settings have one, the dashboard, REST, SSE and /metrics ask for a key.") { create };
    }

    private static int Create(string name, AccessRole role, bool json)
    {
        if (!Name().IsMatch(name))
        {
            throw new StreamsException($"name '{name}' cannot be used",
                "take 1 to 64 letters, digits, hyphens and underscores, so that it can stand in the name of an environment variable");
        }

        var key = ApiKey.Create();
        var hash = ApiKey.Hash(key);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { Name = name, Role = role, Key = key, Hash = hash }, ResultJson.Options));
            return 0;
        }

        AnsiConsole.MarkupLineInterpolated($"Give this key to {name}; it is not shown again:");
        Console.Out.WriteLine($"  {key}");
        AnsiConsole.MarkupLine("Give the host these settings, and start it again:");
        Console.Out.WriteLine($"  Streams__Security__ApiKeys__{name}__Hash={hash}");
        Console.Out.WriteLine($"  Streams__Security__ApiKeys__{name}__Role={role}");
        return 0;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex Name();
}

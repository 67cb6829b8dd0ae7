using System.Text.Json;
using System.Text.RegularExpressions;

namespace Streams.EndToEnd.Compose;

/// <summary>infra/Dockerfile by its instructions, continuation lines joined and comments left out.</summary>
internal sealed partial class DockerImage
{
    private readonly List<(string Name, string Value)> _instructions;

    private DockerImage(List<(string Name, string Value)> instructions) => _instructions = instructions;

    public IEnumerable<string> Arguments => All("ARG").Select(value => value.Split('=')[0]).Distinct();

    public IEnumerable<string> BaseImages => All("FROM").Select(value => value.Split(' ')[0]);

    public IReadOnlyDictionary<string, string> Environment => All("ENV")
        .SelectMany(value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(pair => pair.Split('=', 2)[0], pair => pair.Split('=', 2)[1]);

    public IEnumerable<int> Ports => All("EXPOSE").SelectMany(value => value.Split(' ')).Select(int.Parse);

    public string[] Entrypoint => JsonSerializer.Deserialize<string[]>(All("ENTRYPOINT").Single())!;

    public string[] Command => JsonSerializer.Deserialize<string[]>(All("CMD").Single())!;

    public string[] HealthCommand => JsonSerializer.Deserialize<string[]>(All("HEALTHCHECK").Single().Split("CMD ", 2)[1])!;

    /// <summary>The values of all instructions called <paramref name="name"/>.</summary>
    public IEnumerable<string> All(string name) => _instructions.Where(instruction => instruction.Name == name).Select(instruction => instruction.Value);

    public static DockerImage Parse(string text)
    {
        var lines = text.Split('\n').Where(line => !line.TrimStart().StartsWith('#'));
        return new DockerImage([.. Continuation().Replace(string.Join('\n', lines), " ")
            .Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.Length > 0)
            .Select(line => line.Split(' ', 2))
            .Select(parts => (parts[0], parts[1].Trim()))]);
    }

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continuation();
}

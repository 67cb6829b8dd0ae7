using System.Text.RegularExpressions;
using Streams.Host.Cli;
using Streams.Ingest.Replay;
using Streams.Schemas;

namespace Streams.Host.Runs;

/// <summary>What an operator asks for: read a part of one source topic again, apart from live.</summary>
/// <param name="Run">Name of the run: lower-case letters, digits and hyphens. An unfinished run of that name goes on where it stopped.</param>
/// <param name="Topic">Source topic.</param>
/// <param name="From">First record: an ISO 8601 time of publication, an offset (used in every partition), or null for the oldest.</param>
/// <param name="To">End, exclusive: an ISO 8601 time of publication, an offset, or null for the newest at the start.</param>
/// <param name="Settings">Settings of the processors that differ from live's, by full name, such as <c>Streams:GraphFilter:WindowRows</c>.</param>
/// <param name="Limits">How fast it may be.</param>
public sealed partial record RunRequest(
    string Run,
    string Topic,
    string? From = null,
    string? To = null,
    IReadOnlyDictionary<string, string>? Settings = null,
    ReplayLimits? Limits = null)
{
    /// <summary>Throws when a field cannot be used.</summary>
    /// <exception cref="StreamsException">Names the field and what would do.</exception>
    internal void Validate()
    {
        if (Run == Topics.LiveRun || !RunName().IsMatch(Run))
        {
            throw new StreamsException($"run '{Run}' cannot be used", "take lower-case letters, digits and hyphens, at most 40, and not 'live'");
        }

        if (!Topics.Sources.Contains(Topic))
        {
            throw new StreamsException($"topic '{Topic}' is not a source", $"take one of {string.Join(", ", Topics.Sources)}");
        }

        foreach (var (name, value) in new[] { ("max-rate", Limits?.RecordsPerSecond), ("max-bytes", Limits?.BytesPerSecond) })
        {
            if (value is <= 0)
            {
                throw new StreamsException($"{name} is {value}", "give more than 0, or leave it out");
            }
        }

        if (Limits?.CaptionerShare is <= 0 or > 1)
        {
            throw new StreamsException($"captioner-share is {Limits.CaptionerShare}", "give more than 0 and at most 1");
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,39}$")]
    private static partial Regex RunName();
}

using System.CommandLine;
using System.Globalization;
using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.DeadLetters;
using Streams.Schemas;

namespace Streams.Host.DeadLetters;

/// <summary>The options that <c>streams dlt</c>'s commands share: whose letters, and which of them.</summary>
internal sealed class DltOptions
{
    private const string AnyStatus = "all";

    private readonly Option<string?> _topic = new("--topic") { Description = $"Source topic: {string.Join(", ", Topics.Sources)}.", HelpName = "source" };
    private readonly Option<string> _run = new("--run") { Description = "Whose letters: live, or the name of a replay.", DefaultValueFactory = _ => Topics.LiveRun };
    private readonly Option<string?> _key = new("--key") { Description = "Only this camera, sensor network or labelling task." };
    private readonly Option<string?> _exception = new("--exception") { Description = "Only this type of error, for instance RecordFormatException.", HelpName = "type" };
    private readonly Option<string?> _reason = new("--reason") { Description = "Only reasons that contain this text, in any case.", HelpName = "text" };
    private readonly Option<string?> _from = new("--from") { Description = "Only records published at this time or later, for instance 2026-01-31T12:00:00Z.", HelpName = "time" };
    private readonly Option<string?> _to = new("--to") { Description = "Only records published before this time.", HelpName = "time" };
    private readonly Option<int?> _partition = new("--partition") { Description = "Only this partition of the source topic." };
    private readonly Option<long?> _offset = new("--offset") { Description = "Only this offset on the source topic." };
    private readonly Option<string?>? _status;
    private readonly Option<int?> _limit = new("--limit") { Description = "At most so many letters, the oldest first." };
    private readonly Option<string?> _kafka = CommonOptions.Kafka();
    private readonly Option<bool> _json = CommonOptions.Json();

    private DltOptions(bool withStatus)
    {
        if (withStatus)
        {
            _status = new Option<string?>("--status") { Description = "pending (default), redriven, purged or all.", HelpName = "status" };
            _status.AcceptOnlyFromAmong("pending", "redriven", "purged", AnyStatus);
        }
    }

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    /// <param name="command">One of the commands.</param>
    /// <param name="topicRequired">Whether it works on one topic only.</param>
    /// <param name="withStatus">Whether letters that are done can be meant, too.</param>
    public static DltOptions AddTo(Command command, bool topicRequired, bool withStatus)
    {
        var options = new DltOptions(withStatus);
        options._topic.Required = topicRequired;
        foreach (var option in new Option?[]
        {
            options._topic, options._run, options._key, options._exception, options._reason, options._from, options._to, options._partition,
            options._offset, options._status, options._limit, options._json, options._kafka, CommonOptions.Set(),
        }.OfType<Option>())
        {
            command.Add(option);
        }

        return options;
    }

    /// <summary>What the command line says.</summary>
    /// <exception cref="StreamsException">A value cannot be used, or no broker answers.</exception>
    public DltRequest Read(ParseResult parsed)
    {
        var source = parsed.GetValue(_topic);
        if (source is not null && !Topics.Sources.Contains(source))
        {
            throw new StreamsException($"--topic '{source}' is not a source", $"take one of {string.Join(", ", Topics.Sources)}");
        }

        if (parsed.GetValue(_limit) is < 1)
        {
            throw new StreamsException($"--limit {parsed.GetValue(_limit)}", "take 1 or more");
        }

        var run = parsed.GetValue(_run)!;
        var filter = new DeadLetterFilter
        {
            Key = parsed.GetValue(_key),
            Exception = parsed.GetValue(_exception),
            Reason = parsed.GetValue(_reason),
            From = Time(parsed, _from),
            To = Time(parsed, _to),
            Partition = parsed.GetValue(_partition),
            Offset = parsed.GetValue(_offset),
            Status = (_status is null ? null : parsed.GetValue(_status)) switch
            {
                AnyStatus => null,
                { } status => Enum.Parse<DeadLetterStatus>(status, ignoreCase: true),
                null => DeadLetterStatus.Pending,
            },
        };
        var options = CommonOptions.Load(parsed, (_kafka, "Streams:Kafka:BootstrapServers"));
        IReadOnlyList<DeadLetterTopic> topics = [.. (source is null ? Topics.Sources : [source]).Select(each => new DeadLetterTopic(each, run))];
        return new DltRequest(options.Kafka, Existing(options, topics), filter, parsed.GetValue(_limit), parsed.GetValue(_json));
    }

    private static DateTimeOffset? Time(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) switch
    {
        null => null,
        { } text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) => time,
        { } text => throw new StreamsException($"{option.Name} '{text}' is not a time", "write for instance 2026-01-31T12:00:00Z"),
    };

    private static List<DeadLetterTopic> Existing(StreamsOptions options, IReadOnlyList<DeadLetterTopic> topics)
    {
        var names = Names(options.Kafka);
        var existing = topics.Where(topic => names.Contains(topic.Name)).ToList();
        return existing.Count > 0
            ? existing
            : throw new StreamsException(
                $"there is none of the topics {string.Join(", ", topics.Select(topic => topic.Name))} at {options.Kafka.BootstrapServers}",
                "check --run, or create the topics with `streams topics create`");
    }

    private static HashSet<string> Names(Streams.Ingest.KafkaOptions kafka)
    {
        using var admin = new AdminClientBuilder(kafka.ToAdminConfig()).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        return [.. Broker.Metadata(admin, kafka.BootstrapServers).Topics.Select(topic => topic.Topic)];
    }
}

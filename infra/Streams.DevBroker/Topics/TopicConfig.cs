using System.Globalization;

namespace Streams.DevBroker.Topics;

/// <summary>The settings of one topic: what was set for it, and everything in force.</summary>
internal sealed class TopicConfig
{
    public const string RetentionMsName = "retention.ms";
    public const string RetentionBytesName = "retention.bytes";
    public const string SegmentBytesName = "segment.bytes";
    public const string MaxMessageBytesName = "max.message.bytes";
    public const string TimestampTypeName = "message.timestamp.type";
    public const string LogAppendTime = "LogAppendTime";
    private const string CreateTime = "CreateTime";
    private const int MinSegmentBytes = 1024;

    private TopicConfig(IReadOnlyDictionary<string, string> overrides, DevBrokerOptions options)
    {
        Overrides = overrides;
        RetentionMs = Long(RetentionMsName, options.RetentionMs);
        RetentionBytes = Long(RetentionBytesName, options.RetentionBytes);
        SegmentBytes = (int)Long(SegmentBytesName, options.SegmentBytes);
        MaxMessageBytes = (int)Long(MaxMessageBytesName, options.MaxMessageBytes);
        UsesLogAppendTime = overrides.GetValueOrDefault(TimestampTypeName) == LogAppendTime;
    }

    public static IReadOnlyList<string> Names { get; } =
    [
        "cleanup.policy", "compression.type", MaxMessageBytesName, TimestampTypeName, "min.insync.replicas",
        RetentionBytesName, RetentionMsName, SegmentBytesName,
    ];

    public IReadOnlyDictionary<string, string> Overrides { get; }

    public long RetentionMs { get; }

    public long RetentionBytes { get; }

    public int SegmentBytes { get; }

    public int MaxMessageBytes { get; }

    public bool UsesLogAppendTime { get; }

    /// <summary>Checks the settings; returns what is wrong with the first bad one instead of a configuration.</summary>
    public static (TopicConfig? Config, string? Problem) Create(IReadOnlyDictionary<string, string> overrides, DevBrokerOptions options)
    {
        foreach (var (name, value) in overrides)
        {
            if (Check(name, value, options) is { } problem)
                return (null, problem);
        }

        return (new TopicConfig(overrides, options), null);
    }

    public string ValueOf(string name) => name switch
    {
        "cleanup.policy" => "delete",
        "compression.type" => "producer",
        "min.insync.replicas" => "1",
        TimestampTypeName => UsesLogAppendTime ? LogAppendTime : CreateTime,
        MaxMessageBytesName => Text(MaxMessageBytes),
        RetentionBytesName => Text(RetentionBytes),
        RetentionMsName => Text(RetentionMs),
        SegmentBytesName => Text(SegmentBytes),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a topic setting."),
    };

    private static string? Check(string name, string value, DevBrokerOptions options) => name switch
    {
        RetentionMsName or RetentionBytesName => CheckRange(name, value, -1, long.MaxValue),
        SegmentBytesName => CheckRange(name, value, MinSegmentBytes, int.MaxValue),
        MaxMessageBytesName => CheckRange(name, value, 0, options.MaxMessageBytes),
        TimestampTypeName => CheckChoice(name, value, CreateTime, LogAppendTime),
        "cleanup.policy" => CheckChoice(name, value, "delete"),
        "compression.type" => CheckChoice(name, value, "producer"),
        "min.insync.replicas" => CheckChoice(name, value, "1"),
        _ => $"Unknown topic setting '{name}'; this broker knows {string.Join(", ", Names)}.",
    };

    private static string? CheckRange(string name, string value, long min, long max) =>
        long.TryParse(value, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max
            ? null
            : $"{name} is '{value}'; it must be a number from {min} to {max}.";

    private static string? CheckChoice(string name, string value, params ReadOnlySpan<string> choices) =>
        choices.Contains(value) ? null : $"{name} is '{value}'; this broker supports {string.Join(" and ", choices)} only.";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private long Long(string name, long otherwise) =>
        Overrides.TryGetValue(name, out string? value) ? long.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}

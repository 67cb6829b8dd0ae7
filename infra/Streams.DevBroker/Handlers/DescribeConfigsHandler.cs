using System.Globalization;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;
using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells the settings of topics and of the broker.</summary>
internal sealed class DescribeConfigsHandler(BrokerState broker) : ApiHandler(ApiKey.DescribeConfigs, 1, 4, 4)
{
    private const sbyte UnknownType = 0;

    private readonly record struct Setting(string Name, string Value, sbyte Source, bool ReadOnly, string? DefaultValue);

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        short version = context.Version;
        var queries = reader.ReadArray("resources", static item =>
        {
            var query = (Resource: ConfigResource.Read(item), Keys: item.ReadNullableArray("configuration_keys", static key => key.ReadString("configuration_key")));
            item.SkipTags();
            return query;
        });
        bool withSynonyms = reader.ReadBoolean("include_synonyms");
        if (version >= 3)
            reader.ReadBoolean("include_documentation");
        reader.SkipTags();

        writer.WriteInt32(0);
        writer.WriteArray(queries, (_, query) =>
        {
            var exists = query.Resource.CheckExists(broker);
            query.Resource.WriteResult(writer, exists);
            var settings = exists.Error == ErrorCode.None ? Settings(query.Resource) : [];
            // Some clients send an empty list and mean all.
            if (query.Keys is { Count: > 0 } keys)
                settings = settings.Where(setting => keys.Contains(setting.Name));
            writer.WriteArray([.. settings], (_, setting) => WriteSetting(writer, version, setting, withSynonyms));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<Setting> Settings(ConfigResource resource)
    {
        if (resource.IsTopic && broker.Topics.Find(resource.Name) is { } topic)
        {
            var defaults = TopicConfig.Create(new Dictionary<string, string>(), broker.Options).Config!;
            return TopicConfig.Names.Select(name => new Setting(name, topic.Config.ValueOf(name), ConfigSource.Of(topic.Config, name), false, defaults.ValueOf(name)));
        }

        var options = broker.Options;
        return new (string Name, object Value)[]
        {
            ("auto.create.topics.enable", options.AutoCreateTopics ? "true" : "false"),
            ("log.retention.bytes", options.RetentionBytes),
            ("log.retention.ms", options.RetentionMs),
            ("log.segment.bytes", options.SegmentBytes),
            ("message.max.bytes", options.MaxMessageBytes),
            ("num.partitions", options.DefaultPartitions),
            ("socket.request.max.bytes", options.MaxRequestBytes),
            ("transaction.max.timeout.ms", (long)options.TransactionMaxTimeout.TotalMilliseconds),
            ("transactional.id.expiration.ms", (long)options.TransactionalIdRetention.TotalMilliseconds),
        }.Select(setting => new Setting(setting.Name, Convert.ToString(setting.Value, CultureInfo.InvariantCulture)!, ConfigSource.StaticBroker, true, null));
    }

    private static void WriteSetting(KafkaWriter writer, short version, Setting setting, bool withSynonyms)
    {
        writer.WriteString(setting.Name);
        writer.WriteNullableString(setting.Value);
        writer.WriteBoolean(setting.ReadOnly);
        writer.WriteInt8(setting.Source);
        writer.WriteBoolean(false);
        var synonyms = new List<(string Value, sbyte Source)>();
        if (withSynonyms)
        {
            synonyms.Add((setting.Value, setting.Source));
            if (setting.Source == ConfigSource.Topic && setting.DefaultValue is not null)
                synonyms.Add((setting.DefaultValue, ConfigSource.Default));
        }

        writer.WriteArray(synonyms, (_, synonym) =>
        {
            writer.WriteString(setting.Name);
            writer.WriteNullableString(synonym.Value);
            writer.WriteInt8(synonym.Source);
            writer.WriteNoTags();
        });
        if (version >= 3)
        {
            writer.WriteInt8(UnknownType);
            writer.WriteNullableString(null);
        }

        writer.WriteNoTags();
    }
}

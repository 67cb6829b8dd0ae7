using System.Globalization;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>What configuration requests name: a topic or the broker. The broker's settings can be read only.</summary>
internal readonly record struct ConfigResource(sbyte Type, string Name)
{
    private const sbyte TopicType = 2;
    private const sbyte BrokerType = 4;

    public bool IsTopic => Type == TopicType;

    public bool IsBroker => Type == BrokerType;

    public static ConfigResource Read(KafkaReader reader) => new(reader.ReadInt8("resource_type"), reader.ReadString("resource_name"));

    /// <summary>The error when the resource does not exist at all; none when its settings can be read.</summary>
    public (ErrorCode Error, string? Message) CheckExists(BrokerState broker)
    {
        if (IsTopic)
        {
            return broker.Topics.Find(Name) is null
                ? (ErrorCode.UnknownTopicOrPartition, $"Topic '{Name}' does not exist.")
                : (ErrorCode.None, null);
        }

        if (!IsBroker)
            return (ErrorCode.InvalidRequest, $"Resource type {Type} is not supported; topics and the broker are.");
        return Name.Length == 0 || Name == BrokerState.NodeId.ToString(CultureInfo.InvariantCulture)
            ? (ErrorCode.None, null)
            : (ErrorCode.InvalidRequest, $"Broker '{Name}' does not exist; the only one is {BrokerState.NodeId}.");
    }

    /// <summary>The error when the settings cannot be changed.</summary>
    public (ErrorCode Error, string? Message) CheckAlterable(BrokerState broker) =>
        CheckExists(broker) is { Error: not ErrorCode.None } missing ? missing
        : IsBroker ? (ErrorCode.InvalidConfig, "The broker's settings are given when it is started and cannot be changed.")
        : (ErrorCode.None, null);

    public void WriteResult(KafkaWriter writer, (ErrorCode Error, string? Message) result)
    {
        writer.WriteError(result.Error);
        writer.WriteNullableString(result.Message);
        writer.WriteInt8(Type);
        writer.WriteString(Name);
    }
}

using Confluent.Kafka;

namespace Streams.Ingest.Publishing;

/// <summary>A record was not written. The message says why and what to do.</summary>
public sealed class PublishException : Exception
{
    internal PublishException(string topic, Error error, Exception? inner = null)
        : base($"{topic}: not written ({error.Reason}); {Remedy(error.Code)}", inner) => (Topic, Code) = (topic, error.Code);

    internal PublishException(string topic, ErrorCode code, string message)
        : base($"{topic}: {message}") => (Topic, Code) = (topic, code);

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The client's or broker's code.</summary>
    public ErrorCode Code { get; }

    /// <summary>The record is larger than the topic takes; repeating will not help.</summary>
    public bool IsTooLarge => Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge;

    private static string Remedy(ErrorCode code) => code switch
    {
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge =>
            "the broker refuses records of this size: raise max.message.bytes of the topic, or send smaller ones",
        ErrorCode.Local_MsgTimedOut or ErrorCode.RequestTimedOut or ErrorCode.Local_TimedOut =>
            "the broker did not acknowledge in time, so it may or may not have the record: check that it is up, then repeat",
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition =>
            "create the topic first ('streams topics')",
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => "grant this client Write on the topic",
        ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => "check the user and password in Streams:Kafka:Properties",
        ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve =>
            "check Streams:Kafka:BootstrapServers and that the broker is up",
        ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend => "too few replicas are in sync: check the brokers",
        ErrorCode.KafkaStorageError => "the broker cannot write: check its disk",
        _ => $"error {code}: check the broker's log, then repeat",
    };
}

using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Handlers;

/// <summary>How a producer hears that it is fenced: clients of old versions know one error for everything about epochs.</summary>
internal static class FencingErrors
{
    public static ErrorCode ForProducers(this ErrorCode error, short version, short firstVersionWithFenced) =>
        error == ErrorCode.ProducerFenced && version < firstVersionWithFenced ? ErrorCode.InvalidProducerEpoch : error;
}

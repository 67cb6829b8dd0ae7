using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Transactions;

/// <summary>The answer to a producer that presents its transactional id.</summary>
internal readonly record struct InitResult(ErrorCode Error, long ProducerId, short ProducerEpoch)
{
    public static InitResult Failed(ErrorCode error) => new(error, -1, -1);
}

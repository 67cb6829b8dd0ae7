using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells the name of the cluster and its one broker.</summary>
internal sealed class DescribeClusterHandler(BrokerState broker) : ApiHandler(ApiKey.DescribeCluster, 0, 1, 0)
{
    private const sbyte BrokerEndpoints = 1;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        bool withOperations = reader.ReadBoolean("include_cluster_authorized_operations");
        sbyte endpoints = context.Version >= 1 ? reader.ReadInt8("endpoint_type") : BrokerEndpoints;
        reader.SkipTags();

        bool known = endpoints == BrokerEndpoints;
        writer.WriteInt32(0);
        writer.WriteError(known ? ErrorCode.None : ErrorCode.InvalidRequest);
        writer.WriteNullableString(known ? null : $"Endpoint type {endpoints} is not available here; only brokers ({BrokerEndpoints}) are.");
        if (context.Version >= 1)
            writer.WriteInt8(BrokerEndpoints);
        writer.WriteString(broker.ClusterId);
        writer.WriteInt32(BrokerState.NodeId);
        writer.WriteArrayLength(known ? 1 : 0);
        if (known)
        {
            BrokerEndpoint.Write(writer, broker, withRack: true);
            writer.WriteNoTags();
        }

        writer.WriteInt32(withOperations ? AllOperations : OperationsNotAsked);
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}

using Streams.DevBroker.Handlers;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Security;

namespace Streams.DevBroker.Server;

/// <summary>Reads a request's header, finds its handler and frames the response.</summary>
internal sealed class RequestDispatcher
{
    private const int LengthPrefix = sizeof(int);
    private readonly Dictionary<ApiKey, ApiHandler> _handlers;
    private readonly ApiVersionsHandler _apiVersions;
    private readonly DevBrokerSecurity _security;

    public RequestDispatcher(BrokerState broker)
    {
        _security = broker.Options.Security;
        _apiVersions = new ApiVersionsHandler(() => _handlers!.Values);
        ApiHandler[] handlers =
        [
            new ProduceHandler(broker), new FetchHandler(broker), new ListOffsetsHandler(broker), new MetadataHandler(broker),
            new OffsetCommitHandler(broker), new OffsetFetchHandler(broker), new FindCoordinatorHandler(broker), new JoinGroupHandler(broker),
            new HeartbeatHandler(broker), new LeaveGroupHandler(broker), new SyncGroupHandler(broker), _apiVersions,
            new CreateTopicsHandler(broker), new DeleteTopicsHandler(broker), new InitProducerIdHandler(broker),
            new DescribeConfigsHandler(broker), new AlterConfigsHandler(broker), new IncrementalAlterConfigsHandler(broker),
            new ListGroupsHandler(broker), new DescribeGroupsHandler(broker), new DeleteGroupsHandler(broker), new OffsetDeleteHandler(broker),
            new CreatePartitionsHandler(broker), new DeleteRecordsHandler(broker), new DescribeClusterHandler(broker),
            new OffsetForLeaderEpochHandler(broker), new AddPartitionsToTxnHandler(broker), new AddOffsetsToTxnHandler(broker),
            new EndTxnHandler(broker), new TxnOffsetCommitHandler(broker), new DescribeProducersHandler(broker),
            new DescribeTransactionsHandler(broker), new ListTransactionsHandler(broker),
            new SaslHandshakeHandler(new SaslMechanisms(broker.Options.Security, broker.Time)), new SaslAuthenticateHandler(broker),
        ];
        _handlers = handlers.OrderBy(handler => handler.Key).ToDictionary(handler => handler.Key);
    }

    /// <summary>Handles one request; the response, complete with its length, is in the writer unless the context says there is none.</summary>
    public async ValueTask<RequestContext> HandleAsync(Memory<byte> frame, KafkaWriter response, string clientHost, ClientIdentity identity,
        CancellationToken aborted)
    {
        var reader = new KafkaReader(frame);
        short key = reader.ReadInt16("api_key");
        short version = reader.ReadInt16("api_version");
        int correlationId = reader.ReadInt32("correlation_id");
        response.WriteInt32(0);
        response.WriteInt32(correlationId);
        bool supported = _handlers.TryGetValue((ApiKey)key, out var handler) && handler.Supports(version);
        if (!supported && handler != _apiVersions)
            throw new MalformedRequestException($"request {key} version {version} is not supported; ask ApiVersions what is");

        if (_security.Authenticates && identity.User is null && (ApiKey)key is not (ApiKey.ApiVersions or ApiKey.SaslHandshake or ApiKey.SaslAuthenticate))
            throw new MalformedRequestException($"request {(ApiKey)key} before the client has authenticated; set security.protocol and sasl.mechanism");

        var context = new RequestContext(reader, response)
        {
            Key = (ApiKey)key,
            Version = version,
            CorrelationId = correlationId,
            ClientId = reader.ReadHeaderString("client_id") ?? string.Empty,
            ClientHost = clientHost,
            Identity = identity,
            Security = _security,
            Aborted = aborted,
        };
        if (supported)
            await AnswerAsync(handler!, context);
        else
            _apiVersions.WriteUnsupported(response);
        response.PatchInt32(0, checked((int)(response.TotalLength - LengthPrefix)));
        return context;
    }

    private static ValueTask AnswerAsync(ApiHandler handler, RequestContext context)
    {
        bool flexible = handler.IsFlexible(context.Version);
        context.Reader.Flexible = flexible;
        context.Reader.SkipTags();
        context.Response.Flexible = flexible;
        // The one response whose header never has tagged fields: a client must be able to read it before it knows the version.
        if (handler.Key != ApiKey.ApiVersions)
            context.Response.WriteNoTags();
        return handler.HandleAsync(context);
    }
}

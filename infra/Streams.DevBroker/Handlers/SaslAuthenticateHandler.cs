using Streams.DevBroker.Protocol;
using Streams.DevBroker.Security;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Carries the messages of the mechanism that was agreed on.</summary>
internal sealed class SaslAuthenticateHandler(BrokerState broker) : ApiHandler(ApiKey.SaslAuthenticate, 0, 2, 2)
{
    // Never to be renewed.
    private const long SessionLifetimeMs = 0;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var message = context.Reader.ReadNullableBytes("auth_bytes") ?? Memory<byte>.Empty;
        context.Reader.SkipTags();
        var (error, problem, answer) = Next(context, message);
        var writer = context.Response;
        writer.WriteError(error);
        writer.WriteNullableString(problem);
        writer.WriteBytes(answer);
        if (context.Version >= 1)
            writer.WriteInt64(SessionLifetimeMs);
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }

    private (ErrorCode Error, string? Problem, byte[] Answer) Next(RequestContext context, Memory<byte> message)
    {
        if (context.Identity.Exchange is not { } exchange)
            return (ErrorCode.IllegalSaslState, "No mechanism is agreed on; send SaslHandshake first", []);
        try
        {
            var answer = exchange.Next(message.Span);
            if (exchange.User is { } user)
            {
                context.Identity.User = user;
                context.Identity.Exchange = null;
            }

            return (ErrorCode.None, null, answer);
        }
        catch (SaslException refused)
        {
            context.Identity.Exchange = null;
            broker.Logger.AuthenticationFailed(context.ClientHost, refused.Message);
            return (ErrorCode.SaslAuthenticationFailed, refused.Message, []);
        }
    }
}

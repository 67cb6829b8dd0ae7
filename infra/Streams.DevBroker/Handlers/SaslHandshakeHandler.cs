using Streams.DevBroker.Protocol;
using Streams.DevBroker.Security;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>
/// Agrees on a mechanism. Version 0, after which the mechanism's messages would come without frames, is advertised because librdkafka infers from
/// it that there is a handshake at all; it is refused, and no client of the last years sends it.
/// </summary>
internal sealed class SaslHandshakeHandler(SaslMechanisms mechanisms) : ApiHandler(ApiKey.SaslHandshake, 0, 1, NeverFlexible)
{
    public override ValueTask HandleAsync(RequestContext context)
    {
        var mechanism = context.Reader.ReadString("mechanism");
        var exchange = context.Version == 0 || context.Identity.User is not null ? null : mechanisms.Begin(mechanism);
        context.Identity.Exchange = exchange;
        context.Response.WriteError(exchange is not null ? ErrorCode.None
            : context.Version == 0 || context.Identity.User is not null ? ErrorCode.IllegalSaslState
            : ErrorCode.UnsupportedSaslMechanism);
        context.Response.WriteArray([.. mechanisms.Names], static (writer, name) => writer.WriteString(name));
        return ValueTask.CompletedTask;
    }
}

using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Security;

namespace Streams.DevBroker.Server;

/// <summary>Serves one client: one request after the other, answered in their order, until either side ends it.</summary>
internal sealed class ClientConnection(ConnectionContext transport, RequestDispatcher dispatcher, X509Certificate2? certificate, int maxFrameBytes,
    ILogger logger)
{
    private readonly string _clientHost = (transport.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? string.Empty;
    private readonly string _client = transport.RemoteEndPoint?.ToString() ?? string.Empty;

    private readonly ClientIdentity _identity = new();

    public async Task ServeAsync(CancellationToken stopping)
    {
        logger.ConnectionOpened(_client);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, transport.ConnectionClosed);
        TlsTransport? tls = null;
        try
        {
            var pipe = transport.Transport;
            if (certificate is not null)
            {
                pipe = tls = new TlsTransport(pipe);
                await tls.HandshakeAsync(certificate, ended.Token);
            }

            var frames = new FrameReader(pipe.Input, maxFrameBytes);
            while (await frames.ReadAsync(ended.Token) is var (buffer, length))
            {
                try
                {
                    if (!await AnswerAsync(buffer.AsMemory(0, length), pipe.Output, ended.Token))
                        break;
                }
                finally
                {
                    FrameReader.Return(buffer);
                }
            }
        }
        catch (MalformedRequestException malformed)
        {
            logger.ConnectionRefused(_client, malformed.Message);
        }
        catch (AuthenticationException failed)
        {
            logger.ConnectionRefused(_client, $"no TLS: {failed.Message}");
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionResetException or ConnectionAbortedException)
        {
            // The client went away or the broker stops: nobody is left to tell.
        }
        catch (Exception failure)
        {
            logger.ConnectionFailed(_client, failure);
        }
        finally
        {
            if (tls is not null)
                await tls.DisposeAsync();
            await transport.DisposeAsync();
            logger.ConnectionClosed(_client);
        }
    }

    /// <summary>False when the connection must be closed.</summary>
    private async ValueTask<bool> AnswerAsync(Memory<byte> frame, PipeWriter output, CancellationToken ended)
    {
        using var response = new KafkaWriter();
        RequestContext context;
        try
        {
            context = await dispatcher.HandleAsync(frame, response, _clientHost, _identity, ended);
        }
        catch (Exception failure) when (failure is not (MalformedRequestException or OperationCanceledException))
        {
            var header = new KafkaReader(frame);
            logger.RequestFailed(_client, (ApiKey)header.ReadInt16("api_key"), header.ReadInt16("api_version"), failure);
            return false;
        }

        if (context.CloseReason is not null)
        {
            logger.ConnectionRefused(_client, context.CloseReason);
            return false;
        }

        if (!context.NoAnswer)
            await response.SendAsync(output, ended);
        return true;
    }
}

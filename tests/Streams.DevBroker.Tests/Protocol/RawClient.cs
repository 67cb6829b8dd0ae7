using System.Buffers.Binary;
using System.Net.Sockets;
using Streams.DevBroker.Protocol;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Protocol;

/// <summary>Sends hand-made requests, in any version and order, as no library would.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly TcpClient _tcp = new();
    private int _correlation;

    public RawClient(TestBroker broker)
    {
        _tcp.Connect(broker.Server.Endpoint);
        _tcp.NoDelay = true;
    }

    public async Task<KafkaReader> AskAsync(ApiKey key, short version, bool flexible, Action<KafkaWriter> body)
    {
        await SendAsync(key, version, flexible, body);
        return await ReceiveAsync(flexible, key);
    }

    public async Task SendAsync(ApiKey key, short version, bool flexible, Action<KafkaWriter> body)
    {
        using var writer = new KafkaWriter();
        writer.WriteInt32(0);
        writer.WriteInt16((short)key);
        writer.WriteInt16(version);
        writer.WriteInt32(++_correlation);
        writer.WriteString("raw");
        writer.Flexible = flexible;
        writer.WriteNoTags();
        body(writer);
        writer.PatchInt32(0, (int)writer.TotalLength - sizeof(int));
        await SendBytesAsync(writer.Written);
    }

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        using var patience = new CancellationTokenSource(s_patience);
        await _tcp.GetStream().WriteAsync(bytes, patience.Token);
    }

    /// <summary>The next response; answers come in the order of the requests.</summary>
    public async Task<KafkaReader> ReceiveAsync(bool flexible, ApiKey key)
    {
        var reader = await ReceiveFrameAsync() ?? throw new EndOfStreamException("The broker closed the connection.");
        reader.ReadInt32("correlation_id");
        reader.Flexible = flexible;
        if (key != ApiKey.ApiVersions)
            reader.SkipTags();
        return reader;
    }

    /// <summary>Whether the broker closes the connection without (further) answers.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return await ReceiveFrameAsync() is null;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _tcp.Dispose();

    public async Task<KafkaReader?> ReceiveFrameAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        byte[] prefix = new byte[sizeof(int)];
        if (await _tcp.GetStream().ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, patience.Token) < prefix.Length)
            return null;
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
        await _tcp.GetStream().ReadExactlyAsync(frame, patience.Token);
        return new KafkaReader(frame);
    }
}

using System.Buffers.Binary;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Tests.Protocol;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Server;

public sealed class MalformedBytesTests : IAsyncLifetime
{
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartInProcessAsync(options => options with { MaxRequestBytes = 17 * 1024 * 1024 });

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(int.MaxValue)]
    public async Task Send_FrameOfImpossibleLength_ClosesTheConnection(int length)
    {
        using var client = new RawClient(_broker);
        byte[] prefix = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);

        await client.SendBytesAsync(prefix);

        Assert.True(await client.IsClosedAsync());
        await AssertBrokerAnswers();
    }

    [Fact]
    public async Task Send_RandomBodiesForEveryRequest_BrokerGoesOnAnswering()
    {
        var random = new Random(4711);
        foreach (var key in Enum.GetValues<ApiKey>())
        {
            for (short version = 0; version <= 16; version++)
            {
                using var client = new RawClient(_broker);
                byte[] body = new byte[random.Next(1, 200)];
                random.NextBytes(body);
                // The lengths at the start decide how far a handler gets: make small ones likely.
                for (int i = 0; i < body.Length; i++)
                    body[i] = random.Next(3) == 0 ? body[i] : (byte)random.Next(4);
                await client.SendAsync(key, version, flexible: random.Next(2) == 0, writer => Array.ForEach(body, part => writer.WriteInt8((sbyte)part)));
            }
        }

        await AssertBrokerAnswers();
    }

    [Fact]
    public async Task Send_RandomNoise_BrokerGoesOnAnswering()
    {
        var random = new Random(42);
        for (int i = 0; i < 200; i++)
        {
            using var client = new RawClient(_broker);
            byte[] noise = new byte[random.Next(1, 500)];
            random.NextBytes(noise);
            if (noise.Length > 8)
                BinaryPrimitives.WriteInt32BigEndian(noise, noise.Length - 4 - random.Next(3));
            await client.SendBytesAsync(noise);
        }

        await AssertBrokerAnswers();
    }

    [Fact]
    public async Task Send_HalfAFrameThenDisconnect_BrokerGoesOnAnswering()
    {
        using (var client = new RawClient(_broker))
            await client.SendBytesAsync(new byte[] { 0, 0, 1, 0, 0, 3, 0, 1 });

        await AssertBrokerAnswers();
    }

    private async Task AssertBrokerAnswers()
    {
        using var client = new RawClient(_broker);
        var answer = await client.AskAsync(ApiKey.ApiVersions, 0, flexible: false, _ => { });
        Assert.Equal(ErrorCode.None, (ErrorCode)answer.ReadInt16("error"));
        Assert.NotEmpty(answer.ReadArray("api_keys", item => (item.ReadInt16("key"), item.ReadInt16("min"), item.ReadInt16("max"))));
    }
}

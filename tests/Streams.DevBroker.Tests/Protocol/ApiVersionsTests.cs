using Streams.DevBroker.Protocol;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Protocol;

public sealed class ApiVersionsTests : IAsyncLifetime
{
    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartInProcessAsync();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Ask_InEveryVersion_ListsTheSameRequests(short version)
    {
        using var client = new RawClient(_broker);
        var answer = await client.AskAsync(ApiKey.ApiVersions, version, version >= 3, Body(version));

        var apis = ReadApis(answer);
        if (version >= 1)
            Assert.Equal(0, answer.ReadInt32("throttle"));
        answer.SkipTags();
        Assert.Equal(0, answer.Remaining);
        Assert.Equal(Enum.GetValues<ApiKey>().Order(), apis.Keys.Order());
        Assert.Equal((4, 16), apis[ApiKey.Fetch]);
    }

    [Fact]
    public async Task Ask_InVersionOfTheFuture_IsAnsweredInVersionZeroWithError()
    {
        using var client = new RawClient(_broker);
        await client.SendAsync(ApiKey.ApiVersions, 99, flexible: true, Body(3));
        var answer = await client.ReceiveAsync(flexible: false, ApiKey.ApiVersions);

        var apis = ReadApis(answer, ErrorCode.UnsupportedVersion);
        Assert.Equal(0, answer.Remaining);
        Assert.Equal((0, 4), apis[ApiKey.ApiVersions]);

        // The client asks again in a version that it saw, on the same connection.
        ReadApis(await client.AskAsync(ApiKey.ApiVersions, 3, flexible: true, Body(3)));
    }

    [Fact]
    public async Task Ask_ForUnknownRequest_ClosesTheConnectionOnly()
    {
        using var bad = new RawClient(_broker);
        await bad.SendAsync((ApiKey)68, 0, flexible: true, _ => { });
        Assert.True(await bad.IsClosedAsync());

        using var good = new RawClient(_broker);
        ReadApis(await good.AskAsync(ApiKey.ApiVersions, 0, flexible: false, Body(0)));
    }

    [Fact]
    public async Task Ask_ManyAtOnce_AreAnsweredInOrder()
    {
        using var client = new RawClient(_broker);
        for (int i = 0; i < 50; i++)
            await client.SendAsync(ApiKey.ApiVersions, 0, flexible: false, Body(0));

        for (int i = 1; i <= 50; i++)
            Assert.Equal(i, (await client.ReceiveFrameAsync())!.ReadInt32("correlation_id"));
    }

    private static Action<KafkaWriter> Body(short version) => writer =>
    {
        if (version < 3)
            return;
        writer.WriteString("raw");
        writer.WriteString("1.0");
        writer.WriteNoTags();
    };

    private static Dictionary<ApiKey, (int Min, int Max)> ReadApis(KafkaReader reader, ErrorCode expected = ErrorCode.None)
    {
        Assert.Equal(expected, (ErrorCode)reader.ReadInt16("error"));
        return reader.ReadArray("api_keys", item =>
        {
            var api = ((ApiKey)item.ReadInt16("key"), (int)item.ReadInt16("min"), (int)item.ReadInt16("max"));
            item.SkipTags();
            return api;
        }).ToDictionary(api => api.Item1, api => (api.Item2, api.Item3));
    }
}

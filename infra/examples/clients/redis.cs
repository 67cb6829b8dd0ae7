#:property PublishAot=false
#:package StackExchange.Redis@3.4.35
// The newest result, and then each as it comes, from Redis:  dotnet run redis.cs TOPIC KEY [HOST:PORT]
using StackExchange.Redis;

await using var redis = await ConnectionMultiplexer.ConnectAsync(args.ElementAtOrDefault(2) ?? "127.0.0.1:6380");
Console.WriteLine(await redis.GetDatabase().HashGetAsync($"streams:{{live/{args[0]}/{args[1]}}}:latest", "json"));
await foreach (var message in await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("streams:live:live")))
{
    var json = message.Message.ToString().Split(' ', 2)[1];
    if (json.Contains($"\"topic\":\"{args[0]}\"")) Console.WriteLine(json);
}

using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

/// <summary>Real clients with settings that suit tests.</summary>
internal static class KafkaClients
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static IProducer<string, byte[]> Producer(TestBroker broker, Action<ProducerConfig>? configure = null)
    {
        var config = new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 0, MessageTimeoutMs = 20_000 };
        configure?.Invoke(config);
        return new ProducerBuilder<string, byte[]>(config).SetLogHandler(Ignore).Build();
    }

    public static IConsumer<string, byte[]> Consumer(TestBroker broker, Action<ConsumerConfig>? configure = null)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = TestBroker.UniqueName("group"),
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        };
        configure?.Invoke(config);
        return new ConsumerBuilder<string, byte[]>(config).SetLogHandler(Ignore).Build();
    }

    /// <summary>Skips the test, with the reason, where the broker is not one of this process.</summary>
    public static void RequireOwn(this TestBroker broker, string because) =>
        Assert.SkipUnless(broker.IsInProcess, $"{TestBroker.ExternalBrokerVariable} names the broker, and this test {because}");

    /// <summary>A setting of the broker.</summary>
    public static async Task<string> SettingAsync(this IAdminClient admin, string name)
    {
        string node = admin.GetMetadata(s_patience).Brokers[0].BrokerId.ToString();
        var described = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Broker, Name = node }]);
        return described.Single().Entries[name].Value;
    }

    /// <summary>Waits until a change that a broker applies in its own time is there.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition, string otherwise)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var deadline = new CancellationTokenSource(s_patience);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
                Assert.Fail($"after {s_patience.TotalSeconds:0} s: {otherwise}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>The next record; a broker that does not send it fails the test instead of hanging it.</summary>
    public static ConsumeResult<string, byte[]> Next(this IConsumer<string, byte[]> consumer) =>
        consumer.Consume(s_patience) ?? throw new TimeoutException($"No record came within {s_patience}.");

    private static void Ignore(IClient client, LogMessage message)
    {
        // Brokers that a test stops on purpose would fill the test's output.
    }
}

using Confluent.Kafka;
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

    /// <summary>The next record; a broker that does not send it fails the test instead of hanging it.</summary>
    public static ConsumeResult<string, byte[]> Next(this IConsumer<string, byte[]> consumer) =>
        consumer.Consume(s_patience) ?? throw new TimeoutException($"No record came within {s_patience}.");

    private static void Ignore(IClient client, LogMessage message)
    {
        // Brokers that a test stops on purpose would fill the test's output.
    }
}

using Confluent.Kafka;
using Streams.TestKit.Kafka;

namespace Streams.DevBroker.Tests.Clients;

/// <summary>Real clients with settings that suit tests.</summary>
internal static class KafkaClients
{
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

    private static void Ignore(IClient client, LogMessage message)
    {
        // Brokers that a test stops on purpose would fill the test's output.
    }
}

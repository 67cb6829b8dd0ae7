using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Security;
using Streams.DevBroker.Tests.Clients;
using Streams.DevBroker.Tests.Protocol;
using Streams.TestKit.Kafka;
using Streams.TestKit.Security;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Streams.DevBroker.Tests.Security;

/// <summary>TLS, SASL and permissions, as librdkafka sees them.</summary>
public sealed class GuardedBrokerTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly LoopbackCertificate _certificate = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Mechanisms => new()
    {
        { "PLAIN", true }, { "SCRAM-SHA-256", true }, { "SCRAM-SHA-512", true }, { "OAUTHBEARER", true },
        { "PLAIN", false }, { "SCRAM-SHA-256", false }, { "SCRAM-SHA-512", false }, { "OAUTHBEARER", false },
        { "", true },
    };

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public async Task Client_WhoShowsWhatIsAsked_ProducesAndConsumes(string mechanism, bool tls)
    {
        await using var broker = await StartAsync(sasl: mechanism.Length > 0, tls);
        var client = Client(broker, mechanism, tls, "pa ss,=word");
        string topic = TestBroker.UniqueName("guarded");
        using (var admin = new AdminClientBuilder(client).SetLogHandler(Ignore).Build())
            await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1 }]);
        var large = new byte[3_000_000];
        Random.Shared.NextBytes(large);
        using (var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(client) { MessageMaxBytes = 4_000_000 }).SetLogHandler(Ignore).Build())
        {
            await producer.ProduceAsync(topic, new() { Key = "a", Value = large }, Cancellation);
            await producer.ProduceAsync(topic, new() { Key = "b", Value = Encoding.UTF8.GetBytes("small") }, Cancellation);
        }

        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig(client) { GroupId = topic, AutoOffsetReset = AutoOffsetReset.Earliest })
            .SetLogHandler(Ignore).Build();
        consumer.Subscribe(topic);
        Assert.Equal(large, consumer.Next().Message.Value);
        Assert.Equal("b", consumer.Next().Message.Key);
        consumer.Close();
    }

    [Theory]
    [InlineData("PLAIN", "wrong")]
    [InlineData("SCRAM-SHA-256", "wrong")]
    [InlineData("SCRAM-SHA-512", "pa ss,=wor")]
    public async Task Client_WithTheWrongPassword_IsTold(string mechanism, string password)
    {
        await using var broker = await StartAsync(sasl: true, tls: false);
        Assert.Contains("Invalid username or password", await ErrorAsync(Client(broker, mechanism, tls: false, password), ErrorCode.Local_Authentication),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_WithAMechanismThatIsNotOffered_IsToldWhichAre()
    {
        await using var broker = await TestBroker.StartInProcessAsync(options => options with { Security = new() { UnsecuredTokens = true } });
        Assert.Contains("OAUTHBEARER", await ErrorAsync(Client(broker, "PLAIN", tls: false, "x"), ErrorCode.Local_Authentication), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_WhoDoesNotTrustTheCertificate_DoesNotConnect()
    {
        await using var broker = await StartAsync(sasl: false, tls: true);
        var client = Client(broker, "", tls: true, "");
        client.SslCaLocation = null;
        Assert.Contains("certificate verify failed", await ErrorAsync(client, ErrorCode.Local_Ssl), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_ThatSkipsAuthentication_IsClosed()
    {
        await using var broker = await StartAsync(sasl: true, tls: false);
        using (var client = new RawClient(broker))
        {
            await client.SendAsync(ApiKey.Metadata, 1, flexible: false, writer => writer.WriteArrayLength(0));
            Assert.True(await client.IsClosedAsync());
        }

        // After a refusal the same connection is still not let in.
        using var second = new RawClient(broker);
        var answer = await second.AskAsync(ApiKey.SaslAuthenticate, 0, flexible: false, writer => writer.WriteBytes("\0me\0pa ss,=word"u8));
        Assert.Equal((short)34, answer.ReadInt16("error_code"));
        await second.SendAsync(ApiKey.Metadata, 1, flexible: false, writer => writer.WriteArrayLength(0));
        Assert.True(await second.IsClosedAsync());
    }

    [Fact]
    public void Exchange_AnyBytes_IsRefusedAndNeverFails()
    {
        var security = new DevBrokerSecurity { Users = new Dictionary<string, string> { ["me"] = "secret" }, UnsecuredTokens = true };
        var mechanisms = new SaslMechanisms(security, TimeProvider.System);
        var random = new Random(7);
        string[] pieces = ["n,,", "n=me", "r=abc", ",", "=", "\0", "me", "secre", "p=", "c=biws", "auth=Bearer ", "\u0001", "e30", ".",
            "eyJhbGciOiJub25lIn0", "é"];
        foreach (var name in mechanisms.Names)
        {
            for (int i = 0; i < 5_000; i++)
            {
                var exchange = mechanisms.Begin(name)!;
                for (int step = 0; step < 3; step++)
                {
                    var message = random.Next(4) == 0
                        ? Enumerable.Range(0, random.Next(40)).Select(_ => (byte)random.Next(256)).ToArray()
                        : Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)])));
                    try
                    {
                        exchange.Next(message);
                    }
                    catch (SaslException)
                    {
                        break;
                    }
                }

                Assert.Null(exchange.User);
            }
        }
    }

    [Fact]
    public async Task Topic_ThatAUserMayNotUse_IsRefusedAndTheOthersGoOn()
    {
        await using var broker = await TestBroker.StartInProcessAsync(options =>
            options with { Security = new() { MayUse = (_, topic) => topic != "secret" } });
        await broker.CreateTopicAsync("open");
        using var producer = KafkaClients.Producer(broker);
        var refused = await Assert.ThrowsAsync<ProduceException<string,
            byte[]>>(() => producer.ProduceAsync("secret", new() { Key = "k", Value = [1] }, Cancellation));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, refused.Error.Code);
        await producer.ProduceAsync("open", new() { Key = "k", Value = [1] }, Cancellation);

        using var admin = new DependentAdminClientBuilder(producer.Handle).Build();
        Assert.DoesNotContain(admin.GetMetadata(s_patience).Topics, topic => topic.Topic == "secret");
        var create = await Assert.ThrowsAsync<CreateTopicsException>(() => admin.CreateTopicsAsync([new TopicSpecification { Name = "secret" }]));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, create.Results.Single().Error.Code);

        using var consumer = KafkaClients.Consumer(broker);
        consumer.Subscribe(["secret", "open"]);
        var denied = Assert.Throws<ConsumeException>(() => consumer.Next());
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, denied.Error.Code);
        Assert.Equal("open", consumer.Next().Topic);
        consumer.Close();
    }

    public void Dispose() => _certificate.Dispose();

    private Task<TestBroker> StartAsync(bool sasl, bool tls) => TestBroker.StartInProcessAsync(options => options with
    {
        Security = new DevBrokerSecurity
        {
            Certificate = tls ? _certificate.Certificate : null,
            Users = sasl ? new Dictionary<string, string> { ["me"] = "pa ss,=word", ["other"] = "x" } : [],
            UnsecuredTokens = sasl,
        },
    });

    private ClientConfig Client(TestBroker broker, string mechanism, bool tls, string password)
    {
        var config = new ClientConfig
        {
            BootstrapServers = broker.BootstrapServers,
            SecurityProtocol = (mechanism.Length > 0, tls) switch
            {
                (true, true) => SecurityProtocol.SaslSsl,
                (true, false) => SecurityProtocol.SaslPlaintext,
                _ => SecurityProtocol.Ssl,
            },
            SslCaLocation = tls ? _certificate.CertificateFile : null,
        };
        if (mechanism == "OAUTHBEARER")
        {
            config.SaslMechanism = SaslMechanism.OAuthBearer;
            config.EnableSaslOauthbearerUnsecureJwt = true;
            config.SaslOauthbearerConfig = "principal=me";
        }
        else if (mechanism.Length > 0)
        {
            config.Set("sasl.mechanism", mechanism);
            (config.SaslUsername, config.SaslPassword) = ("me", password);
        }

        return config;
    }

    /// <summary>The first error of that kind that the client reports.</summary>
    private static async Task<string> ErrorAsync(ClientConfig client, ErrorCode code)
    {
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new ConcurrentQueue<string>();
        using var admin = new AdminClientBuilder(client).SetLogHandler(Ignore).SetErrorHandler((_, error) =>
        {
            all.Enqueue($"{error.Code}: {error.Reason}");
            if (error.Code == code)
                told.TrySetResult(error.Reason);
        }).Build();
        // What it is asked for does not matter: connecting is what fails.
        var asking = Task.Run(() => Assert.Throws<KafkaException>(() => admin.GetMetadata(TimeSpan.FromSeconds(5))), Cancellation);
        try
        {
            return await told.Task.WaitAsync(s_patience, Cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"no {code}, but: {string.Join("; ", all)}");
        }
        finally
        {
            await asking;
        }
    }

    private static void Ignore(IClient client, LogMessage message)
    {
        // Refusals on purpose would fill the test's output.
    }
}

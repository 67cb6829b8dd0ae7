using System.Buffers.Binary;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streams.DevBroker.Protocol;

namespace Streams.TestKit.Kafka;

/// <summary>
/// Says which broker a test run uses. No request of the protocol tells a version; it is inferred from the feature
/// <c>metadata.version</c>, or from the newest version of Fetch where a broker has no such feature.
/// </summary>
internal static class BrokerIdentity
{
    private const string MetadataVersion = "metadata.version";
    private const int FinalizedFeatures = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>The lowest level of metadata.version of each release, newest first.</summary>
    private static readonly (int Level, string Release)[] s_levels =
        [(26, "4.1"), (22, "4.0"), (21, "3.9"), (20, "3.8"), (15, "3.7"), (12, "3.6"), (9, "3.5"), (8, "3.4"), (4, "3.3")];

    /// <summary>The release that brought each version of Fetch, newest first.</summary>
    private static readonly (int Version, string Release)[] s_fetches = [(17, "3.9"), (16, "3.7"), (15, "3.5"), (13, "3.1"), (12, "2.7"), (11, "2.3"), (4, "0.11")];

    public static async Task<string> DescribeAsync(string bootstrapServers)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        var cluster = await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = s_patience });
        var (fetch, level) = await AskVersionsAsync(bootstrapServers.Split(',')[0]);
        string release = level is { } known
            ? $"Kafka ≥ {Release(s_levels, known)} by its {MetadataVersion} {known}"
            : $"Kafka ≥ {Release(s_fetches, fetch)} by its API versions (Fetch up to {fetch}, no {MetadataVersion})";
        return $"broker {bootstrapServers} cluster {cluster.ClusterId} of {cluster.Nodes.Count}, {release}";
    }

    private static string Release((int From, string Release)[] releases, int value) =>
        releases.Where(release => release.From <= value).Select(release => release.Release).FirstOrDefault("0.10");

    private static async Task<(int Fetch, int? Level)> AskVersionsAsync(string endpoint)
    {
        int colon = endpoint.LastIndexOf(':');
        using var patience = new CancellationTokenSource(s_patience);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(endpoint[..colon], int.Parse(endpoint.AsSpan(colon + 1)), patience.Token);
        using var request = new KafkaWriter();
        request.WriteInt32(0);
        request.WriteInt16((short)ApiKey.ApiVersions);
        request.WriteInt16(3);
        request.WriteInt32(1);
        request.WriteString("streams-tests");
        request.Flexible = true;
        request.WriteNoTags();
        request.WriteString("streams-tests");
        request.WriteString("1");
        request.WriteNoTags();
        request.PatchInt32(0, (int)request.TotalLength - sizeof(int));
        await tcp.GetStream().WriteAsync(request.Written, patience.Token);
        byte[] prefix = new byte[sizeof(int)];
        await tcp.GetStream().ReadExactlyAsync(prefix, patience.Token);
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
        await tcp.GetStream().ReadExactlyAsync(frame, patience.Token);
        return Read(new KafkaReader(frame));
    }

    private static (int Fetch, int? Level) Read(KafkaReader reader)
    {
        reader.ReadInt32("correlation_id");
        var error = (Streams.DevBroker.Protocol.ErrorCode)reader.ReadInt16("error");
        if (error != Streams.DevBroker.Protocol.ErrorCode.None)
            throw new InvalidOperationException($"The broker answered ApiVersions 3 with {error}; these tests need Kafka 2.4 or newer.");
        reader.Flexible = true;
        var fetch = reader.ReadArray("api_keys", static item =>
        {
            var api = (Key: (ApiKey)item.ReadInt16("api_key"), Min: item.ReadInt16("min_version"), Max: item.ReadInt16("max_version"));
            item.SkipTags();
            return api;
        }).Single(api => api.Key == ApiKey.Fetch);
        reader.ReadInt32("throttle_time_ms");
        int? level = null;
        for (uint tags = reader.ReadUnsignedVarint("tagged fields"); tags > 0; tags--)
        {
            uint tag = reader.ReadUnsignedVarint("tag");
            uint size = reader.ReadUnsignedVarint("tag size");
            if (tag == FinalizedFeatures)
                level = ReadFeatures(reader);
            else
                for (uint skipped = 0; skipped < size; skipped++)
                    reader.ReadInt8("tag");
        }

        return (fetch.Max, level);
    }

    private static int? ReadFeatures(KafkaReader reader) => reader.ReadArray("finalized_features", static item =>
    {
        var feature = (Name: item.ReadString("name"), Max: (int)item.ReadInt16("max_version_level"), Min: item.ReadInt16("min_version_level"));
        item.SkipTags();
        return feature;
    }).Where(feature => feature.Name == MetadataVersion).Select(feature => (int?)feature.Max).FirstOrDefault();
}

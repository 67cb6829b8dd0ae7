using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Streams.DevBroker.Groups;
using Streams.DevBroker.Log;
using Streams.DevBroker.Producers;
using Streams.DevBroker.Tests.Log;
using Streams.DevBroker.Topics;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker.Tests.Transactions;

/// <summary>A coordinator with real logs and offsets on disk, without a network, on a clock that the test moves.</summary>
internal sealed class CoordinatorHarness : IDisposable
{
    public const string Topic = "t";
    private readonly string _directory = Directory.CreateTempSubdirectory("transactions-").FullName;
    private readonly int _partitions;
    private readonly DevBrokerOptions _options = new() { DataDirectory = "unused" };
    private readonly Dictionary<string, string> _settings = new() { ["segment.bytes"] = "1024", ["retention.ms"] = "-1" };

    public CoordinatorHarness(int partitions = 2)
    {
        _partitions = partitions;
        Open(clean: true);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));

    public TransactionCoordinator Coordinator { get; private set; } = null!;

    public OffsetStore Offsets { get; private set; } = null!;

    public List<PartitionLog> Logs { get; private set; } = [];

    /// <summary>While set, partitions take no markers, as on a full disk.</summary>
    public bool DiskIsFull { get; set; }

    public long JournalBytes => new FileInfo(Journal).Length;

    private string Journal => Path.Combine(_directory, "transactions");

    public static TopicPartition Partition(int number) => new(Topic, number);

    public InitResult Init(string id, int timeoutMs = 60_000) => Coordinator.Init(id, timeoutMs, -1, -1);

    /// <summary>Appends a transactional batch.</summary>
    public AppendResult Append(string id, InitResult producer, int partition, int sequence, int records = 1)
    {
        byte[] batch = Batches.Make(records, producerId: producer.ProducerId, epoch: producer.ProducerEpoch, sequence: sequence, attributes: 0x10);
        return Coordinator.Append(id, Partition(partition), Logs[partition], batch, 9);
    }

    /// <summary>Closes all and opens it again.</summary>
    /// <param name="clean">In order, or as a kill leaves it.</param>
    /// <param name="whileStopped">Changes what is on disk in between.</param>
    public void Restart(bool clean, Action<TransactionStore>? whileStopped = null)
    {
        Close(clean);
        if (whileStopped is not null)
        {
            using var store = new TransactionStore(Journal);
            whileStopped(store);
        }

        Open(clean);
    }

    public void DeleteProducerSnapshots()
    {
        foreach (string file in Directory.EnumerateFiles(_directory, "*" + ProducerSnapshot.Extension, SearchOption.AllDirectories).ToList())
            File.Delete(file);
    }

    public void Dispose()
    {
        Close(clean: false);
        Directory.Delete(_directory, recursive: true);
    }

    private void Open(bool clean)
    {
        var config = TopicConfig.Create(_settings, _options).Config!;
        Logs = [.. Enumerable.Range(0, _partitions).Select(number => PartitionLog.Open(Path.Combine(_directory, $"{number}"), config, Time, flushEveryWrite: false, clean).Log)];
        Offsets = new OffsetStore(Path.Combine(_directory, "offsets"));
        Coordinator = new TransactionCoordinator(
            new TransactionStore(Journal), Offsets, new ProducerIds(Path.Combine(_directory, "ids")), Find, _options, Time, NullLogger.Instance);
        Coordinator.Recover(Logs);
    }

    private PartitionLog? Find(TopicPartition partition) =>
        DiskIsFull ? throw new IOException("No space left on device") : partition.Partition < Logs.Count ? Logs[partition.Partition] : null;

    private void Close(bool clean)
    {
        Coordinator.Dispose();
        foreach (var log in Logs)
        {
            if (clean)
                log.PrepareStop();
            log.Dispose();
        }

        Offsets.Dispose();
    }
}

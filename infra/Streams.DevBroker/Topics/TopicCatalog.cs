using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Topics;

/// <summary>All topics. Looked up without a lock by every connection; changed under one.</summary>
internal sealed class TopicCatalog : IDisposable
{
    /// <summary>Per topic; each partition keeps two files open.</summary>
    public const int MaxPartitions = 1000;

    private const int MaxNameLength = 249;
    private const string DeletedPrefix = ".deleted-";
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Topic> _byId = new();
    private readonly Lock _change = new();
    private readonly string _root;
    private readonly DevBrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public TopicCatalog(string root, DevBrokerOptions options, TimeProvider time, ILogger logger, bool cleanlyStopped)
    {
        _root = root;
        _options = options;
        _time = time;
        _logger = logger;
        Directory.CreateDirectory(root);
        foreach (string directory in Directory.EnumerateDirectories(root).ToList())
            Load(directory, cleanlyStopped);
    }

    /// <summary>Told after a topic is gone, so that groups drop their offsets in it.</summary>
    public event Action<string>? Deleted;

    public IEnumerable<Topic> All => _byName.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal);

    public Topic? Find(string name) => _byName.GetValueOrDefault(name);

    public Topic? Find(Guid id) => _byId.GetValueOrDefault(id);

    public PartitionLog? Find(string name, int partition) => Find(name)?.Find(partition);

    public static string? NameProblem(string name)
    {
        if (name.Length is 0 or > MaxNameLength)
            return $"A topic name has 1 to {MaxNameLength} characters, this one has {name.Length}.";
        if (name is "." or "..")
            return "A topic cannot be named '.' or '..'.";
        return name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')
            ? null
            : $"Topic '{name}' has characters other than ASCII letters, digits, '.', '_' and '-'.";
    }

    /// <summary>Creates a topic; with <paramref name="validateOnly"/> says what would be wrong with it.</summary>
    public (ErrorCode Error, string? Message, Topic? Topic) Create(
        string name, int partitions, IReadOnlyDictionary<string, string> settings, bool validateOnly = false)
    {
        if (NameProblem(name) is { } badName)
            return (ErrorCode.InvalidTopic, badName, null);
        if (partitions is < 1 or > MaxPartitions)
            return (ErrorCode.InvalidPartitions, $"A topic has 1 to {MaxPartitions} partitions, not {partitions}.", null);
        var (config, problem) = TopicConfig.Create(settings, _options);
        if (config is null)
            return (ErrorCode.InvalidConfig, problem, null);
        lock (_change)
        {
            if (Find(name) is { } existing)
                return (ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.", existing);
            if (validateOnly)
                return (ErrorCode.None, null, new Topic(name, Guid.Empty, config, []));
            string directory = DirectoryOf(name);
            var file = new TopicFile(Guid.NewGuid(), partitions, new(config.Overrides));
            var topic = new Topic(name, file.Id, config, Open(directory, 0, partitions, config, cleanlyStopped: true));
            file.Save(directory);
            Publish(topic);
            _logger.TopicCreated(name, partitions);
            return (ErrorCode.None, null, topic);
        }
    }

    public (ErrorCode Error, string? Message) AddPartitions(string name, int count, bool validateOnly)
    {
        lock (_change)
        {
            if (Find(name) is not { } topic)
                return (ErrorCode.UnknownTopicOrPartition, $"Topic '{name}' does not exist.");
            if (count <= topic.Partitions.Count || count > MaxPartitions)
                return (ErrorCode.InvalidPartitions, $"Topic '{name}' has {topic.Partitions.Count} partitions; it can be given more, up to {MaxPartitions}, not {count}.");
            if (validateOnly)
                return (ErrorCode.None, null);
            string directory = DirectoryOf(name);
            var added = Open(directory, topic.Partitions.Count, count, topic.Config, cleanlyStopped: true);
            new TopicFile(topic.Id, count, new(topic.Config.Overrides)).Save(directory);
            Publish(topic with { Partitions = [.. topic.Partitions, .. added] });
            return (ErrorCode.None, null);
        }
    }

    public (ErrorCode Error, string? Message) Configure(string name, Func<IReadOnlyDictionary<string, string>, Dictionary<string, string>> change, bool validateOnly)
    {
        lock (_change)
        {
            if (Find(name) is not { } topic)
                return (ErrorCode.UnknownTopicOrPartition, $"Topic '{name}' does not exist.");
            var (config, problem) = TopicConfig.Create(change(topic.Config.Overrides), _options);
            if (config is null)
                return (ErrorCode.InvalidConfig, problem);
            if (validateOnly)
                return (ErrorCode.None, null);
            new TopicFile(topic.Id, topic.Partitions.Count, new(config.Overrides)).Save(DirectoryOf(name));
            foreach (var partition in topic.Partitions)
                partition.Configure(config);
            Publish(topic with { Config = config });
            return (ErrorCode.None, null);
        }
    }

    public bool Delete(string name)
    {
        lock (_change)
        {
            if (!_byName.TryRemove(name, out var topic))
                return false;
            _byId.TryRemove(topic.Id, out _);
            foreach (var partition in topic.Partitions)
                partition.Dispose();
            // Renamed first: a crash in the middle of the deletion must not bring half a topic back.
            string doomed = Path.Combine(_root, DeletedPrefix + Guid.NewGuid().ToString("N"));
            Directory.Move(DirectoryOf(name), doomed);
            Directory.Delete(doomed, recursive: true);
        }

        _logger.TopicDeleted(name);
        Deleted?.Invoke(name);
        return true;
    }

    public void Dispose()
    {
        lock (_change)
        {
            foreach (var partition in _byName.Values.SelectMany(topic => topic.Partitions))
                partition.Dispose();
        }
    }

    private string DirectoryOf(string name) => Path.Combine(_root, name);

    private void Publish(Topic topic)
    {
        _byId[topic.Id] = topic;
        _byName[topic.Name] = topic;
    }

    private void Load(string directory, bool cleanlyStopped)
    {
        string name = Path.GetFileName(directory);
        if (name.StartsWith(DeletedPrefix, StringComparison.Ordinal) || TopicFile.TryLoad(directory) is not { } file)
        {
            Directory.Delete(directory, recursive: true);
            return;
        }

        var (config, problem) = TopicConfig.Create(file.Config, _options);
        if (config is null)
            throw new DevBrokerDataDirectoryException($"Topic '{name}' cannot be opened: {problem} Change it in '{Path.Combine(directory, TopicFile.FileName)}'.");
        Publish(new Topic(name, file.Id, config, Open(directory, 0, file.Partitions, config, cleanlyStopped)));
    }

    private List<PartitionLog> Open(string directory, int from, int to, TopicConfig config, bool cleanlyStopped)
    {
        var logs = new List<PartitionLog>();
        for (int partition = from; partition < to; partition++)
        {
            string folder = Path.Combine(directory, partition.ToString(CultureInfo.InvariantCulture));
            var (log, cut) = PartitionLog.Open(folder, config, _time, _options.FlushEveryWrite, cleanlyStopped);
            if (cut > 0)
                _logger.TornTailCut(folder, cut);
            logs.Add(log);
        }

        return logs;
    }
}

using Microsoft.Win32.SafeHandles;
using Streams.DevBroker.Log;

namespace Streams.DevBroker.Server;

/// <summary>The broker's folder: who may use it, what the cluster is called, whether it was left in order.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly string _root;
    private readonly SafeFileHandle _lock;

    public DataDirectory(string root)
    {
        _root = Path.GetFullPath(root);
        try
        {
            Directory.CreateDirectory(_root);
            _lock = File.OpenHandle(Path.Combine(_root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse) when (Directory.Exists(_root))
        {
            throw new DevBrokerDataDirectoryException($"The data folder '{_root}' is in use by another broker: stop that one, or choose another folder.", inUse);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DevBrokerDataDirectoryException($"The data folder '{_root}' cannot be written ({failure.Message}): choose another one or change its permissions.", failure);
        }

        // The mark is taken away while the broker runs: a crash leaves none.
        string mark = Path.Combine(_root, "stopped-in-order");
        CleanlyStopped = File.Exists(mark);
        IsNew = !Directory.Exists(Topics);
        File.Delete(mark);
    }

    public bool CleanlyStopped { get; }

    public bool IsNew { get; }

    public string Root => _root;

    public string Topics => Path.Combine(_root, "topics");

    public string Offsets => Path.Combine(_root, "group-offsets");

    public string Transactions => Path.Combine(_root, "transactions");

    public string ProducerIds => Path.Combine(_root, "producer-ids");

    public string ClusterId()
    {
        string path = Path.Combine(_root, "cluster-id");
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } known)
            return known;
        string made = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(made));
        return made;
    }

    public void MarkStopped() => AtomicFile.Write(Path.Combine(_root, "stopped-in-order"), []);

    public void Dispose() => _lock.Dispose();
}

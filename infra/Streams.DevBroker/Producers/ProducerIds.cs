using System.Globalization;
using System.Text;
using Streams.DevBroker.Log;

namespace Streams.DevBroker.Producers;

/// <summary>Gives out producer ids that are unique for the life of the data folder. Ids are reserved on disk in blocks.</summary>
internal sealed class ProducerIds(string path)
{
    private const int BlockSize = 1000;
    private readonly Lock _lock = new();
    private long _next;
    private long _reservedUntil = -1;

    public long Next()
    {
        lock (_lock)
        {
            if (_reservedUntil < 0)
                _next = _reservedUntil = File.Exists(path) ? long.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) : 0;
            if (_next == _reservedUntil)
            {
                _reservedUntil += BlockSize;
                AtomicFile.Write(path, Encoding.ASCII.GetBytes(_reservedUntil.ToString(CultureInfo.InvariantCulture)));
            }

            return _next++;
        }
    }
}

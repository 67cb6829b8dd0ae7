using System.Net;
using System.Net.Sockets;

namespace Streams.TestKit;

/// <summary>Ports of loopback that nobody listens on.</summary>
public static class LoopbackPorts
{
    /// <summary>So many different ones. Nobody keeps them free: take them at once.</summary>
    public static int[] Free(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}

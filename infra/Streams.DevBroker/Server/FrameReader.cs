using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Server;

/// <summary>Takes request frames off a connection, into pooled arrays.</summary>
internal sealed class FrameReader(PipeReader input, int maxFrameBytes)
{
    /// <summary>Key, version, correlation id and the length of the client id.</summary>
    private const int MinFrameBytes = 10;

    // The announced length is not believed before the bytes arrive: the array grows with them.
    private const int InitialBytes = 1024 * 1024;

    // Larger frames are rare: they are given to the collector, not kept.
    private const int LargestKept = 2 * 1024 * 1024;
    private const int KeptOfASize = 4;

    // Not the shared pool, which keeps an array of each size for every thread and core: a connection goes on on another thread with every read, so that
    // one producer of batches of a megabyte leaves tens of them. Shared by all connections and threads.
    private static readonly ArrayPool<byte> Frames = ArrayPool<byte>.Create(LargestKept, KeptOfASize);

    private readonly byte[] _lengthPrefix = new byte[sizeof(int)];

    /// <summary>The next frame, to be given back with <see cref="Return"/>; null at the orderly end of the connection.</summary>
    public async ValueTask<(byte[] Buffer, int Length)?> ReadAsync(CancellationToken cancellation)
    {
        if (await FillAsync(_lengthPrefix, cancellation) < sizeof(int))
            return null;
        int length = BinaryPrimitives.ReadInt32BigEndian(_lengthPrefix);
        if (length < MinFrameBytes || length > maxFrameBytes)
            throw new MalformedRequestException($"a frame of {length} bytes; the limits are {MinFrameBytes} to {maxFrameBytes}");
        byte[] buffer = Frames.Rent(Math.Min(length, InitialBytes));
        try
        {
            int filled = 0;
            while (filled < length)
            {
                if (filled == buffer.Length)
                    buffer = Grow(buffer, length);
                int wanted = Math.Min(buffer.Length, length) - filled;
                int read = await FillAsync(buffer.AsMemory(filled, wanted), cancellation);
                if (read < wanted)
                    throw new MalformedRequestException($"the connection ended {length - filled - read} bytes before its frame of {length}");
                filled += read;
            }

            return (buffer, length);
        }
        catch
        {
            Frames.Return(buffer);
            throw;
        }
    }

    public static void Return(byte[] frame) => Frames.Return(frame);

    private static byte[] Grow(byte[] buffer, int length)
    {
        byte[] larger = Frames.Rent((int)Math.Min(length, 2L * buffer.Length));
        buffer.CopyTo(larger, 0);
        Frames.Return(buffer);
        return larger;
    }

    private async ValueTask<int> FillAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        int filled = 0;
        while (filled < destination.Length)
        {
            var result = await input.ReadAsync(cancellation);
            var available = result.Buffer;
            var taken = available.Slice(0, Math.Min(available.Length, destination.Length - filled));
            taken.CopyTo(destination.Span[filled..]);
            filled += (int)taken.Length;
            input.AdvanceTo(taken.End);
            if (result.IsCompleted && taken.IsEmpty)
                break;
        }

        return filled;
    }
}

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

    private readonly byte[] _lengthPrefix = new byte[sizeof(int)];

    /// <summary>The next frame, to be returned to the pool; null at the orderly end of the connection.</summary>
    public async ValueTask<(byte[] Buffer, int Length)?> ReadAsync(CancellationToken cancellation)
    {
        if (await FillAsync(_lengthPrefix, cancellation) < sizeof(int))
            return null;
        int length = BinaryPrimitives.ReadInt32BigEndian(_lengthPrefix);
        if (length < MinFrameBytes || length > maxFrameBytes)
            throw new MalformedRequestException($"a frame of {length} bytes; the limits are {MinFrameBytes} to {maxFrameBytes}");
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, InitialBytes));
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
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, 2L * buffer.Length));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
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

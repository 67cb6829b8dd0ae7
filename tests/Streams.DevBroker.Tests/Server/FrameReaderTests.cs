using System.Buffers.Binary;
using System.IO.Pipelines;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Tests.Server;

public sealed class FrameReaderTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task Read_FramesOfAnySize_AreWholeAndApartUntilReturned()
    {
        // Around the first array of a megabyte, the largest that is kept, and above it.
        int[] lengths = [10, 1_000, Megabyte - 1, Megabyte, Megabyte + 1, 2 * Megabyte, (5 * Megabyte) + 7, 10];
        var token = TestContext.Current.CancellationToken;
        for (int round = 0; round < 2; round++)
        {
            var pipe = new Pipe();
            var writing = WriteAsync(pipe.Writer, lengths, round, token);
            var reader = new FrameReader(pipe.Reader, 8 * Megabyte);
            var frames = new List<byte[]>();
            foreach (int length in lengths)
            {
                var frame = await reader.ReadAsync(token);
                Assert.Equal(length, frame!.Value.Length);
                frames.Add(frame.Value.Buffer);
            }

            Assert.Null(await reader.ReadAsync(token));
            await writing;
            for (int i = 0; i < lengths.Length; i++)
            {
                Assert.False(frames[i].AsSpan(0, lengths[i]).ContainsAnyExcept(Content(i, round)));
                FrameReader.Return(frames[i]);
            }
        }
    }

    [Fact]
    public async Task Read_LargestFrameAnnouncedButNotSent_TakesNoMoreThanSomeMegabytes()
    {
        var token = TestContext.Current.CancellationToken;
        var pipe = new Pipe();
        var prefix = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(prefix, 100 * Megabyte);
        await pipe.Writer.WriteAsync(prefix, token);
        await pipe.Writer.CompleteAsync();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var failure = await Assert.ThrowsAsync<MalformedRequestException>(async () => await new FrameReader(pipe.Reader, 100 * Megabyte).ReadAsync(token));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * Megabyte);
        Assert.Contains("the connection ended", failure.Message, StringComparison.Ordinal);
    }

    private static byte Content(int frame, int round) => (byte)(1 + frame + (10 * round));

    private static async Task WriteAsync(PipeWriter writer, int[] lengths, int round, CancellationToken cancellation)
    {
        for (int i = 0; i < lengths.Length; i++)
        {
            var bytes = new byte[sizeof(int) + lengths[i]];
            bytes.AsSpan(sizeof(int)).Fill(Content(i, round));
            BinaryPrimitives.WriteInt32BigEndian(bytes, lengths[i]);
            await writer.WriteAsync(bytes, cancellation);
        }

        await writer.CompleteAsync();
    }
}

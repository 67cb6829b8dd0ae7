using CsCheck;
using Streams.Ingest.Publishing;

namespace Streams.Ingest.Tests.Publishing;

public sealed class PublishedOffsetsTests
{
    private static readonly Gen<(long Floor, long[] Offsets)> Notes = Gen.Select(Gen.Long[0, 1L << 50], Gen.Long[0, 100_000].Array[0, 200]);

    [Fact]
    public void TryParse_WhatWasWritten_KnowsTheSameOffsets() => Notes.Sample(note =>
    {
        var written = PublishedOffsets.Empty.With(note.Floor, note.Offsets.Select(offset => note.Floor + offset));
        Assert.True(PublishedOffsets.TryParse(written.ToString(), out var read));
        Assert.Equal(written.ToString(), read.ToString());
        foreach (var offset in note.Offsets)
        {
            Assert.True(read.Contains(note.Floor + offset));
            Assert.Equal(note.Offsets.Contains(offset + 1), read.Contains(note.Floor + offset + 1));
        }
    });

    [Fact]
    public void With_RisingFloor_ForgetsWhatIsBelow()
    {
        var offsets = PublishedOffsets.Empty.With(0, [1, 5, 9]).With(6, [7]);

        Assert.Equal((6, PublishedOffsets.Empty.With(6, [7, 9]).ToString()), (offsets.Floor, offsets.ToString()));
        Assert.True(offsets.Contains(5));
        Assert.False(offsets.Contains(8));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2:0:")]
    [InlineData("1:x:")]
    [InlineData("1:0:not base 64")]
    [InlineData("1:0:/w==")]
    public void TryParse_SomethingElse_IsRefused(string? text) => Assert.False(PublishedOffsets.TryParse(text, out _));
}

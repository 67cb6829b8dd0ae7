using Streams.Dashboard.Live;

namespace Streams.Dashboard.Tests.Live;

public sealed class LiveCursorTests
{
    [Theory]
    [InlineData("0@", 0, "")]
    [InlineData("42@live/video.frames/0/17/0", 42, "live/video.frames/0/17/0")]
    [InlineData("0@@3", 0, "", 3)]
    [InlineData("42@live/video.frames/0/17/0@12", 42, "live/video.frames/0/17/0", 12)]
    public void TryParse_WhatToStringWrote_GivesItBack(string text, long sequence, string id, long serving = 0)
    {
        Assert.True(LiveCursor.TryParse(text, out var cursor));
        Assert.Equal(new LiveCursor(sequence, id, serving), cursor);
        Assert.Equal(text, cursor.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("7")]
    [InlineData("7@")]
    [InlineData("0@live/video.frames/0/17/0")]
    [InlineData("-1@x")]
    [InlineData("1e3@x")]
    [InlineData("7@@3")]
    [InlineData("7@x@")]
    [InlineData("7@x@y")]
    [InlineData("99999999999999999999@x")]
    public void TryParse_NotACursor_IsRefused(string text) => Assert.False(LiveCursor.TryParse(text, out _));
}

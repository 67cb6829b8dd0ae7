using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Video;

namespace Streams.Ingest.Tests.Sources.Video;

internal static class FFmpeg
{
    public static string SkipWithout()
    {
        try
        {
            return FFmpegTools.Locate();
        }
        catch (SourceException e)
        {
            Assert.Skip(e.Message);
            return "";
        }
    }
}

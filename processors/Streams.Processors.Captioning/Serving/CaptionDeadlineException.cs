namespace Streams.Processors.Captioning.Serving;

/// <summary>A caption was not there in time. Nothing is wrong with the clip: it may be asked for again.</summary>
/// <param name="deadline">How long it was waited for.</param>
public sealed class CaptionDeadlineException(TimeSpan deadline)
    : TimeoutException(
        $"no caption within {deadline} (Streams:Captioner:Deadline); the device has more to do than it can: "
        + "fewer cameras, a longer Hop, the scene gate, or a longer deadline");

using System.Globalization;

namespace Streams.Schemas.Envelope;

/// <summary>CloudEvents types. The last part is the major version: readers accept the version before and after their own.</summary>
public static class EventTypes
{
    /// <summary>One frame or segment of a camera.</summary>
    public const string VideoFrame = "streams.video.frame.v1";

    /// <summary>A camera's source has ended: what is pending becomes a caption.</summary>
    public const string VideoEnd = "streams.video.end.v1";

    /// <summary>Readings of a sensor network.</summary>
    public const string SensorSignal = "streams.sensor.signal.v1";

    /// <summary>The definition of a labelling task.</summary>
    public const string LabelTask = "streams.label.task.v1";

    /// <summary>A labelled sample or the answer to a query.</summary>
    public const string LabelSample = "streams.label.sample.v1";

    /// <summary>The answer whether two samples have the same label.</summary>
    public const string LabelPair = "streams.label.pair.v1";

    /// <summary>An operator ends a labelling task.</summary>
    public const string LabelStop = "streams.label.stop.v1";

    /// <summary>A caption.</summary>
    public const string VideoCaption = "streams.video.caption.v1";

    /// <summary>A learned graph and its filter.</summary>
    public const string SensorGraph = "streams.sensor.graph.v1";

    /// <summary>Filled-in readings.</summary>
    public const string SensorImputed = "streams.sensor.imputed.v1";

    /// <summary>A query to the labelling oracles.</summary>
    public const string LabelQuery = "streams.label.query.v1";

    /// <summary>The mode of a labelling task.</summary>
    public const string LabelMode = "streams.label.mode.v1";

    /// <summary>A record that could not be used.</summary>
    public const string DeadLetter = "streams.deadletter.v1";

    /// <summary>What became of a record that could not be used.</summary>
    public const string DeadLetterMarker = "streams.deadletter.marker.v1";

    /// <summary>Whether <paramref name="type"/> is <paramref name="known"/>, or its version before or after.</summary>
    public static bool IsVersionOf(string known, string type)
    {
        if (type == known)
        {
            return true;
        }

        var stem = known.LastIndexOf('v') + 1;
        return type.Length > stem
            && type.AsSpan(0, stem).SequenceEqual(known.AsSpan(0, stem))
            && int.TryParse(type.AsSpan(stem), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && Math.Abs(version - int.Parse(known.AsSpan(stem), CultureInfo.InvariantCulture)) <= 1;
    }
}

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>When a host loads its captioning model.</summary>
public enum CaptionerLoad
{
    /// <summary>When it starts.</summary>
    Start,

    /// <summary>When the first clip comes.</summary>
    FirstClip,
}

namespace Streams.Schemas.Labels;

/// <summary>Kinds of records on <see cref="Topics.LabelSamples"/>.</summary>
public enum LabelRecordKind
{
    /// <summary>A <see cref="LabelTask"/>.</summary>
    Task,

    /// <summary>A <see cref="LabelSample"/>.</summary>
    Sample,

    /// <summary>A <see cref="LabelPair"/>.</summary>
    Pair,

    /// <summary>A <see cref="LabelStop"/>.</summary>
    Stop,
}

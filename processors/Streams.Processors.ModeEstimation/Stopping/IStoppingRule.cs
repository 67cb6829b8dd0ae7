namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>Decides when the labels counted settle the mode.</summary>
internal interface IStoppingRule
{
    /// <summary>Name and version, as results state it.</summary>
    string Stated { get; }

    /// <summary>The mode once it is settled; null before.</summary>
    int? Mode { get; }

    /// <summary>
    /// Whether the claim that <paramref name="label"/>, seen or not, is the mode stands rejected. The labels that do not are a confidence set:
    /// the mode is ever left out with probability delta at most.
    /// </summary>
    bool IsOut(int label);

    /// <summary>Leader count at which the rule stops if nothing but the leader's label comes.</summary>
    long LeaderNeeded { get; }

    /// <summary>Natural logarithm of the evidence against every other label being the mode, for reports.</summary>
    double LogEValue { get; }

    /// <summary>Anytime-valid p-value, for reports.</summary>
    double PValue { get; }

    /// <summary>Takes note of a label that has just been counted.</summary>
    void Counted(int label);

    /// <summary>Writes what the counts alone do not tell.</summary>
    void Save(BinaryWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote, after the counts were restored.</summary>
    void Restore(BinaryReader reader);
}

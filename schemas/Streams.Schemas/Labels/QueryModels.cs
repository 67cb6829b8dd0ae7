namespace Streams.Schemas.Labels;

/// <summary>What an active <see cref="LabelTask"/> asks its oracles (Shah et al., AAAI 2020).</summary>
public static class QueryModels
{
    /// <summary>Query model 1: the label of a sample. The default.</summary>
    public const string Labels = "labels";

    /// <summary>Query model 2: whether two samples have the same label; nobody needs to name one.</summary>
    public const string Pairs = "pairs";

    /// <summary>Every query model.</summary>
    public static IReadOnlyList<string> All { get; } = [Labels, Pairs];
}

namespace Streams.Processors.Captioning.Families.Mm1;

/// <summary>How MM1 and MM1.5 cut pictures of high resolution (arXiv 2403.09611, section 4.1; arXiv 2409.20566, section 3.4).</summary>
internal sealed record SplittingConfig
{
    /// <summary>Whether and how pictures are cut.</summary>
    public SplittingMode Mode { get; init; } = SplittingMode.Dynamic;

    /// <summary>Pixels a side of a cell: what the encoder takes.</summary>
    public int CellSize { get; init; } = 672;

    /// <summary>Rows of the static grid.</summary>
    public int StaticRows { get; init; } = 2;

    /// <summary>Columns of the static grid.</summary>
    public int StaticColumns { get; init; } = 2;

    /// <summary>Fewest cells of a dynamic grid. Fewer at inference than in training destroys grounding.</summary>
    public int MinCells { get; init; } = 4;

    /// <summary>Most cells of a dynamic grid: 9 in training, up to 16 at inference.</summary>
    public int MaxCells { get; init; } = 9;

    /// <summary>How the decoder is told where a cell belongs.</summary>
    public PositionIndicator Indicator { get; init; } = PositionIndicator.Index;

    /// <summary>With more pictures than this none is cut.</summary>
    public int MaxSplitImages { get; init; } = 2;

    /// <summary>Cut only so many of the last pictures: in-context examples at low resolution, the question at high. Overrides <see cref="MaxSplitImages"/>.</summary>
    public int? SplitLastImages { get; init; }

    /// <summary>Frames taken of a video, never cut.</summary>
    public int VideoFrames { get; init; } = 24;
}

/// <summary>Whether and how pictures are cut.</summary>
internal enum SplittingMode
{
    /// <summary>One cell a picture.</summary>
    None,

    /// <summary>A grid given beforehand, and the overview.</summary>
    Static,

    /// <summary>A grid chosen by the picture's shape, and the overview.</summary>
    Dynamic,
}

/// <summary>How the decoder is told where a cell belongs.</summary>
internal enum PositionIndicator
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>(k,i,j) before each cell: picture from 0, row and column from 1, the overview (k,0,0).</summary>
    Index,

    /// <summary>"," between the cells of a row, "&lt;n&gt;" after a row, ":" before the overview.</summary>
    Seps,
}

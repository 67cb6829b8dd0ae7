using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Families.Mm1;

/// <summary>A square that the encoder sees.</summary>
/// <param name="Image">Its pixels.</param>
/// <param name="Picture">Number of its picture in the sequence, from 0.</param>
/// <param name="Row">Row in the picture, from 1; 0 for the overview.</param>
/// <param name="Column">Column, from 1; 0 for the overview.</param>
internal sealed record SubImage(RgbFrame Image, int Picture, int Row, int Column)
{
    public bool IsOverview => Row == 0;
}

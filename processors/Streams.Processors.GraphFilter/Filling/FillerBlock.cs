using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>A part of a network and what fills its gaps.</summary>
internal sealed class FillerBlock(NetworkPart part, GapFiller filler)
{
    public NetworkPart Part => part;

    public GapFiller Filler => filler;

    /// <summary>Hands it the row of the whole network.</summary>
    public void Take(BlockedFiller whole)
    {
        for (var a = 0; a < part.Members.Length; a++)
        {
            var i = part.Members[a];
            (filler.Residuals[a], filler.Expected[a]) = (whole.Residuals[i], whole.Expected[i]);
            (filler.Persistence[a], filler.Growth[a], filler.Limits[a]) = (whole.Persistence[i], whole.Growth[i], whole.Limits[i]);
        }
    }

    /// <summary>The filter over those of its sensors that stay.</summary>
    public GapFiller Over(int[] places) => places.Length < part.Members.Length ? filler.Adopt(places) : filler;
}

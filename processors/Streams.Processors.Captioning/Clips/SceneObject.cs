namespace Streams.Processors.Captioning.Clips;

/// <summary>
/// Objects that are described together, as they are drawn: the same but for their places. Lengths are shares of the picture's width, times
/// are ticks (frames of the clip).
/// </summary>
/// <param name="Description">What the caption says of them.</param>
/// <param name="Starts">The centre of each at tick 0, from the left and from the top.</param>
/// <param name="VelocityX">Per tick.</param>
/// <param name="VelocityY">Per tick.</param>
/// <param name="Radius">From centre to edge, roughly.</param>
/// <param name="BlinkTicks">Ticks that they are seen, then not seen; 0 when they do not blink.</param>
/// <param name="BlinkPhase">Ticks of their blinking cycle that have passed at tick 0.</param>
/// <param name="Colour">Their exact colour.</param>
public sealed record SceneObject(
    ObjectDescription Description,
    IReadOnlyList<(double X, double Y)> Starts,
    double VelocityX,
    double VelocityY,
    double Radius,
    int BlinkTicks,
    int BlinkPhase,
    (byte Red, byte Green, byte Blue) Colour)
{
    /// <summary>An outline that has no name, drawn in place of the description's shape. Used in training only.</summary>
    internal Outline? Outline { get; init; }

    /// <summary>Centre of number <paramref name="member"/> at <paramref name="tick"/>.</summary>
    public (double X, double Y) At(double tick, int member = 0) => (Starts[member].X + (VelocityX * tick), Starts[member].Y + (VelocityY * tick));

    /// <summary>Whether they are seen at <paramref name="tick"/>.</summary>
    public bool IsVisible(double tick) => BlinkTicks == 0 || ((int)Math.Floor(tick) + BlinkPhase) / BlinkTicks % 2 == 0;
}

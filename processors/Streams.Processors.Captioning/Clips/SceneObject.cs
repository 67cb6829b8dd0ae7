namespace Streams.Processors.Captioning.Clips;

/// <summary>Shapes that scenes are made of.</summary>
public enum ObjectShape
{
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A square on its side.</summary>
    Square,

    /// <summary>An equilateral triangle, tip up.</summary>
    Triangle,

    /// <summary>An upright cross of two bars.</summary>
    Cross,

    /// <summary>A square on its corner.</summary>
    Diamond,
}

/// <summary>Colours of objects, in the order in which a caption names the objects.</summary>
public enum ObjectColour
{
    /// <summary>Red.</summary>
    Red,

    /// <summary>Orange.</summary>
    Orange,

    /// <summary>Yellow.</summary>
    Yellow,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Cyan.</summary>
    Cyan,

    /// <summary>Blue.</summary>
    Blue,

    /// <summary>Pink.</summary>
    Pink,

    /// <summary>White.</summary>
    White,
}

/// <summary>Sizes of objects.</summary>
public enum ObjectSize
{
    /// <summary>About a tenth of the picture's width from centre to edge.</summary>
    Small,

    /// <summary>About a fifth of the picture's width from centre to edge.</summary>
    Large,
}

/// <summary>What an object does during a clip.</summary>
public enum ObjectMotion
{
    /// <summary>Nothing; it has no speed.</summary>
    Still,

    /// <summary>Moves to the left.</summary>
    Left,

    /// <summary>Moves to the right.</summary>
    Right,

    /// <summary>Moves upwards.</summary>
    Up,

    /// <summary>Moves downwards.</summary>
    Down,

    /// <summary>Disappears and appears again in its place.</summary>
    Blink,
}

/// <summary>How fast an object moves or blinks.</summary>
public enum ObjectSpeed
{
    /// <summary>A fiftieth of the picture a tick, or two ticks on and two off.</summary>
    Slow,

    /// <summary>A sixteenth of the picture a tick, or on and off every other tick.</summary>
    Quick,
}

/// <summary>Backgrounds of scenes.</summary>
public enum SceneBackground
{
    /// <summary>Nearly black.</summary>
    Dark,

    /// <summary>Middle gray.</summary>
    Gray,

    /// <summary>Brown.</summary>
    Brown,
}

/// <summary>An object of a scene as a caption describes it.</summary>
/// <param name="Size">Small or large.</param>
/// <param name="Colour">Colour; no two objects of a scene share one.</param>
/// <param name="Shape">Shape.</param>
/// <param name="Motion">What it does.</param>
/// <param name="Speed">How fast; null exactly when it stays still.</param>
public sealed record ObjectDescription(ObjectSize Size, ObjectColour Colour, ObjectShape Shape, ObjectMotion Motion, ObjectSpeed? Speed);

/// <summary>An object of a scene as it is drawn. Lengths are shares of the picture's width, times are ticks (frames of the clip).</summary>
/// <param name="Description">What the caption says of it.</param>
/// <param name="X">Centre at tick 0, from the left.</param>
/// <param name="Y">Centre at tick 0, from the top.</param>
/// <param name="VelocityX">Per tick.</param>
/// <param name="VelocityY">Per tick.</param>
/// <param name="Radius">From centre to edge, roughly.</param>
/// <param name="BlinkTicks">Ticks that it is seen, then not seen; 0 when it does not blink.</param>
/// <param name="BlinkPhase">Ticks of its blinking cycle that have passed at tick 0.</param>
/// <param name="Red">Of its exact colour.</param>
/// <param name="Green">Of its exact colour.</param>
/// <param name="Blue">Of its exact colour.</param>
public sealed record SceneObject(
    ObjectDescription Description,
    double X,
    double Y,
    double VelocityX,
    double VelocityY,
    double Radius,
    int BlinkTicks,
    int BlinkPhase,
    byte Red,
    byte Green,
    byte Blue)
{
    /// <summary>Centre at <paramref name="tick"/>.</summary>
    public (double X, double Y) At(double tick) => (X + (VelocityX * tick), Y + (VelocityY * tick));

    /// <summary>Whether it is seen at <paramref name="tick"/>.</summary>
    public bool IsVisible(double tick) => BlinkTicks == 0 || ((int)Math.Floor(tick) + BlinkPhase) / BlinkTicks % 2 == 0;
}

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

    /// <summary>One of the others with stripes, brighter and darker.</summary>
    Striped,

    /// <summary>One of the others as a chequerboard, brighter and darker.</summary>
    Checked,
}

/// <summary>What a sign can say, in capitals.</summary>
public enum SignWord
{
    /// <summary>The word.</summary>
    Bus,

    /// <summary>The word.</summary>
    Cafe,

    /// <summary>The word.</summary>
    Exit,

    /// <summary>The word.</summary>
    Go,

    /// <summary>The word.</summary>
    Hot,

    /// <summary>The word.</summary>
    In,

    /// <summary>The word.</summary>
    Open,

    /// <summary>The word.</summary>
    Out,

    /// <summary>The word.</summary>
    Sale,

    /// <summary>The word.</summary>
    Shop,

    /// <summary>The word.</summary>
    Stop,

    /// <summary>The word.</summary>
    Taxi,
}

namespace Streams.Processors.Captioning.Clips;

/// <summary>Draws scenes: each a pure function of seed, index and split.</summary>
public static class ClipScenes
{
    private const int MaxObjects = 2;
    private const double Margin = 0.02;
    private const double ClosestShare = 0.7;

    private static readonly Dictionary<ObjectColour, (int Red, int Green, int Blue)> Colours = new()
    {
        [ObjectColour.Red] = (215, 35, 35),
        [ObjectColour.Orange] = (245, 135, 20),
        [ObjectColour.Yellow] = (240, 225, 45),
        [ObjectColour.Green] = (40, 175, 60),
        [ObjectColour.Cyan] = (50, 215, 220),
        [ObjectColour.Blue] = (45, 75, 225),
        [ObjectColour.Pink] = (240, 110, 190),
        [ObjectColour.White] = (242, 242, 242),
    };

    private static readonly Dictionary<SceneBackground, (int Red, int Green, int Blue)> Backgrounds = new()
    {
        [SceneBackground.Dark] = (26, 28, 34),
        [SceneBackground.Gray] = (122, 122, 124),
        [SceneBackground.Brown] = (98, 66, 38),
    };

    /// <summary>Scene number <paramref name="index"/> of <paramref name="split"/> under <paramref name="seed"/>.</summary>
    public static ClipScene Create(ulong seed, long index, ClipSplit split = ClipSplit.Training)
    {
        var random = new SceneRandom(seed, index);
        var background = random.Pick<SceneBackground>();
        var colour = Jitter(ref random, Backgrounds[background], 8);
        var (gradientX, gradientY) = (random.Between(-24, 24), random.Between(-24, 24));
        while (true)
        {
            var objects = CreateObjects(ref random);
            var heldOut = objects.Any(item => HeldOutCombinations.Contains(item.Description));
            if (heldOut == (split == ClipSplit.HeldOut) && !Collide(objects))
            {
                return new ClipScene(background, colour, gradientX, gradientY, objects);
            }
        }
    }

    private static List<SceneObject> CreateObjects(ref SceneRandom random)
    {
        var objects = new List<SceneObject>();
        var count = 1 + random.Below(MaxObjects);
        while (objects.Count < count)
        {
            var item = CreateObject(ref random);
            if (objects.All(other => other.Description.Colour != item.Description.Colour))
            {
                objects.Add(item);
            }
        }

        return objects;
    }

    private static SceneObject CreateObject(ref SceneRandom random)
    {
        var motion = random.Pick<ObjectMotion>();
        ObjectSpeed? speed = motion == ObjectMotion.Still ? null : random.Pick<ObjectSpeed>();
        var description = new ObjectDescription(random.Pick<ObjectSize>(), random.Pick<ObjectColour>(), random.Pick<ObjectShape>(), motion, speed);
        var radius = description.Size == ObjectSize.Small ? random.Between(0.095, 0.115) : random.Between(0.17, 0.2);
        var pace = speed == ObjectSpeed.Slow ? random.Between(0.018, 0.029) : random.Between(0.054, 0.074);
        var (velocityX, velocityY) = motion switch
        {
            ObjectMotion.Left => (-pace, 0.0),
            ObjectMotion.Right => (pace, 0.0),
            ObjectMotion.Up => (0.0, -pace),
            ObjectMotion.Down => (0.0, pace),
            _ => (0.0, 0.0),
        };
        var (blinkTicks, blinkPhase) = (0, 0);
        if (motion == ObjectMotion.Blink)
        {
            blinkTicks = speed == ObjectSpeed.Slow ? 2 : 1;
            blinkPhase = random.Below(2 * blinkTicks);
        }

        var x = Start(ref random, radius, velocityX * (ClipScene.Ticks - 1));
        var y = Start(ref random, radius, velocityY * (ClipScene.Ticks - 1));
        var (red, green, blue) = Jitter(ref random, Colours[description.Colour], 13);
        return new SceneObject(description, x, y, velocityX, velocityY, radius, blinkTicks, blinkPhase, red, green, blue);
    }

    // A start from which the object stays inside the picture all along its way.
    private static double Start(ref SceneRandom random, double radius, double way)
    {
        var low = radius + Margin + Math.Max(0, -way);
        var high = 1 - radius - Margin - Math.Max(0, way);
        return random.Between(low, Math.Max(low, high));
    }

    private static bool Collide(List<SceneObject> objects)
    {
        if (objects.Count < 2)
        {
            return false;
        }

        var closest = ClosestShare * (objects[0].Radius + objects[1].Radius);
        return Enumerable.Range(0, ClipScene.Ticks).Any(tick =>
        {
            var (x0, y0) = objects[0].At(tick);
            var (x1, y1) = objects[1].At(tick);
            return Math.Sqrt(((x0 - x1) * (x0 - x1)) + ((y0 - y1) * (y0 - y1))) < closest;
        });
    }

    private static (byte Red, byte Green, byte Blue) Jitter(ref SceneRandom random, (int Red, int Green, int Blue) colour, int range) =>
        (Vary(ref random, colour.Red, range), Vary(ref random, colour.Green, range), Vary(ref random, colour.Blue, range));

    private static byte Vary(ref SceneRandom random, int value, int range) =>
        (byte)Math.Clamp(value + (int)Math.Round(random.Between(-range, range)), 0, 255);
}

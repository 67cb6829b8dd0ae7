namespace Streams.Processors.Captioning.Clips;

/// <summary>Objects and the room they take.</summary>
internal static class SceneLayout
{
    private const double Margin = 0.02;
    private const int Tries = 12;

    // Shares of the sum of two radii. What is counted must not touch.
    private const double ClosestAlike = 1.25;
    private const double ClosestCounted = 1.0;
    private const double Closest = 0.7;

    /// <summary>By how much each channel of a colour may be off.</summary>
    public const int ColourRange = 13;

    /// <summary>What the colours look like, give or take.</summary>
    public static readonly IReadOnlyDictionary<ObjectColour, (int Red, int Green, int Blue)> Colours = new Dictionary<ObjectColour, (int Red, int Green, int Blue)>
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

    /// <summary>Objects as described, in places of their own; null when they do not find room.</summary>
    public static IReadOnlyList<SceneObject>? Place(ref SceneRandom random, IReadOnlyList<ObjectDescription> descriptions)
    {
        var objects = new List<SceneObject>();
        foreach (var description in descriptions)
        {
            if (Create(ref random, description) is not { } item)
            {
                return null;
            }

            objects.Add(item);
        }

        return Collide(objects) ? null : objects;
    }

    /// <summary>Whether no object ever covers a part of the sign.</summary>
    public static bool IsFree(SceneSign sign, IReadOnlyList<SceneObject> objects) => objects.All(item =>
        Enumerable.Range(0, item.Description.Count).All(member => Enumerable.Range(0, ClipScene.Ticks).All(tick =>
        {
            var (x, y) = item.At(tick, member);
            return sign.DistanceTo(x, y) > 1.05 * item.Radius;
        })));

    private static SceneObject? Create(ref SceneRandom random, ObjectDescription description)
    {
        var radius = description.Size == ObjectSize.Small ? random.Between(0.095, 0.115) : random.Between(0.17, 0.2);
        var pace = description.Speed == ObjectSpeed.Slow ? random.Between(0.018, 0.029) : random.Between(0.054, 0.074);
        var (velocityX, velocityY) = description.Motion switch
        {
            ObjectMotion.Left => (-pace, 0.0),
            ObjectMotion.Right => (pace, 0.0),
            ObjectMotion.Up => (0.0, -pace),
            ObjectMotion.Down => (0.0, pace),
            _ => (0.0, 0.0),
        };
        var (blinkTicks, blinkPhase) = (0, 0);
        if (description.Motion == ObjectMotion.Blink)
        {
            blinkTicks = description.Speed == ObjectSpeed.Slow ? 2 : 1;
            blinkPhase = random.Below(2 * blinkTicks);
        }

        var colour = random.Vary(Colours[description.Colour], ColourRange);
        var way = ClipScene.Ticks - 1;
        return Places(ref random, description.Count, radius, velocityX * way, velocityY * way) is { } starts
            ? new SceneObject(description, starts, velocityX, velocityY, radius, blinkTicks, blinkPhase, colour)
            : null;
    }

    // Whether objects of different descriptions come too close to each other at any tick.
    private static bool Collide(IReadOnlyList<SceneObject> objects)
    {
        for (var i = 0; i < objects.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (one, other) = (objects[i], objects[j]);
                var counted = one.Description.Count > 1 || other.Description.Count > 1;
                var closest = (counted ? ClosestCounted : Closest) * (one.Radius + other.Radius);
                if (Pairs(one, other).Any(pair => Enumerable.Range(0, ClipScene.Ticks).Any(tick => Distance(one.At(tick, pair.One), other.At(tick, pair.Other)) < closest)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Starts from which all stay inside the picture along their way, apart from each other.
    private static List<(double X, double Y)>? Places(ref SceneRandom random, int count, double radius, double wayX, double wayY)
    {
        var places = new List<(double X, double Y)>();
        for (var attempt = 0; places.Count < count; attempt++)
        {
            if (attempt == Tries)
            {
                return null;
            }

            var place = (Start(ref random, radius, wayX), Start(ref random, radius, wayY));
            if (places.All(other => Distance(place, other) >= ClosestAlike * 2 * radius))
            {
                places.Add(place);
            }
        }

        return places;
    }

    private static double Start(ref SceneRandom random, double radius, double way)
    {
        var low = radius + Margin + Math.Max(0, -way);
        var high = 1 - radius - Margin - Math.Max(0, way);
        return random.Between(low, Math.Max(low, high));
    }

    private static IEnumerable<(int One, int Other)> Pairs(SceneObject one, SceneObject other) =>
        from i in Enumerable.Range(0, one.Description.Count) from j in Enumerable.Range(0, other.Description.Count) select (i, j);

    private static double Distance((double X, double Y) one, (double X, double Y) other) =>
        Math.Sqrt(((one.X - other.X) * (one.X - other.X)) + ((one.Y - other.Y) * (one.Y - other.Y)));
}

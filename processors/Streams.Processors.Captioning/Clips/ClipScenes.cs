namespace Streams.Processors.Captioning.Clips;

/// <summary>Draws scenes: each a pure function of seed, index and split.</summary>
public static class ClipScenes
{
    private const int MaxDescriptions = 2;
    private const double SignShare = 0.4;
    private const int Layouts = 120;

    // How many objects look and move alike: one, two, three or four. More than two large ones hardly find room.
    private static readonly double[] CountShares = [0.55, 0.2, 0.15, 0.1];
    private static readonly double[] LargeShares = [0.5, 0.3, 0, 0];

    private static readonly Dictionary<SceneBackground, (int Red, int Green, int Blue)> Backgrounds = new()
    {
        [SceneBackground.Dark] = (26, 28, 34),
        [SceneBackground.Gray] = (122, 122, 124),
        [SceneBackground.Brown] = (98, 66, 38),
    };

    private static readonly SceneBackground[] Plain = [.. Backgrounds.Keys];

    /// <summary>Scene number <paramref name="index"/> of <paramref name="split"/> under <paramref name="seed"/>.</summary>
    public static ClipScene Create(ulong seed, long index, ClipSplit split = ClipSplit.Training)
    {
        var random = new SceneRandom(seed, index);
        var background = CreateBackdrop(ref random);
        var word = random.Chance(SignShare) ? random.Pick<SignWord>() : (SignWord?)null;
        var count = 1 + random.Below(MaxDescriptions);
        while (true)
        {
            var descriptions = CreateDescriptions(ref random, count);
            if (descriptions.Any(HeldOutCombinations.Contains) != (split == ClipSplit.HeldOut))
            {
                continue;
            }

            // Several layouts of each, or what needs much room would be rare.
            for (var attempt = 0; attempt < Layouts; attempt++)
            {
                if (SceneLayout.Place(ref random, descriptions) is { } objects)
                {
                    var sign = word is { } text ? CreateSign(ref random, text) : null;
                    if (sign is null || SceneLayout.IsFree(sign, objects))
                    {
                        return new ClipScene(background, objects, sign);
                    }
                }
            }
        }
    }

    private static List<ObjectDescription> CreateDescriptions(ref SceneRandom random, int count)
    {
        var descriptions = new List<ObjectDescription>();
        while (descriptions.Count < count)
        {
            var item = CreateDescription(ref random);
            if (descriptions.All(other => other.Colour != item.Colour))
            {
                descriptions.Add(item);
            }
        }

        return descriptions;
    }

    private static ObjectDescription CreateDescription(ref SceneRandom random)
    {
        var alike = random.Index(CountShares);
        var size = random.Chance(LargeShares[alike]) ? ObjectSize.Large : ObjectSize.Small;
        var motion = random.Pick<ObjectMotion>();
        ObjectSpeed? speed = motion == ObjectMotion.Still ? null : random.Pick<ObjectSpeed>();
        return new ObjectDescription(size, random.Pick<ObjectColour>(), random.Pick<ObjectShape>(), motion, speed, alike + 1);
    }

    private static SceneBackdrop CreateBackdrop(ref SceneRandom random)
    {
        var kind = random.Pick<SceneBackground>();
        var isPattern = !Backgrounds.ContainsKey(kind);
        var colour = random.Vary(Backgrounds[isPattern ? Plain[random.Below(Plain.Length)] : kind], 8);
        var (gradientX, gradientY) = (random.Between(-24, 24), random.Between(-24, 24));
        if (!isPattern)
        {
            return new SceneBackdrop(kind, colour, gradientX, gradientY, 0, 0, 0, 0);
        }

        var (contrast, period, phase) = (random.Between(14, 24), random.Between(0.16, 0.28), random.Unit());
        var alongRows = kind == SceneBackground.Checked || random.Chance(0.5);
        var alongColumns = kind == SceneBackground.Checked || !alongRows;
        return new SceneBackdrop(kind, colour, gradientX, gradientY, contrast, alongRows ? period : 0, alongColumns ? period : 0, phase);
    }

    private static SceneSign CreateSign(ref SceneRandom random, SignWord word)
    {
        var cell = random.Between(0.0195, 0.0235); // a pixel or a little more of the 48 that the captioner sees
        var (pale, dark) = (random.Vary((226, 224, 214), 14), random.Vary((24, 26, 30), 14));
        var isPale = random.Chance(0.7);
        var sign = new SceneSign(word, 0, 0, cell, isPale ? pale : dark, isPale ? dark : pale);
        return sign with { Left = random.Between(0.01, 0.99 - sign.Width), Top = random.Between(0.01, 0.99 - sign.Height) };
    }
}

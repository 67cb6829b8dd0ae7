namespace Streams.ModeEstimation.Tests;

/// <summary>Distributions that published figures exist for, and a fast seeded stream of labels from one.</summary>
internal static class Laws
{
    public static double[] Named(string name) => name switch
    {
        "B65" => [0.65, 0.35],
        "B90" => [0.9, 0.1],
        "T60" => [0.6, 0.3, 0.1],
        "F35" => [0.35, 0.25, 0.2, 0.2],
        "P1" => [0.5, 0.25, 0.25],
        "0.505/0.495" => [0.505, 0.495],
        "0.34/0.33x2" => [0.34, 0.33, 0.33],
        "0.102/0.0998x9" => [0.102, .. Enumerable.Repeat(0.898 / 9, 9)],
        _ => throw new ArgumentException($"no law {name}", nameof(name)),
    };

    public static double[] Tie(int labels) => [.. Enumerable.Repeat(1.0 / labels, labels)];

    public static int Draw(double[] law, Random random)
    {
        var u = random.NextDouble();
        for (var label = 0; label < law.Length - 1; label++)
        {
            u -= law[label];
            if (u < 0)
            {
                return label;
            }
        }

        return law.Length - 1;
    }
}

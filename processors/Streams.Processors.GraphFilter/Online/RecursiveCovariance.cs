using System.Numerics;
using System.Runtime.InteropServices;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// C_t = (1 - a_t) C_(t-1) + a_t (x xᵀ + E) with a_t = max(1 - gamma, 1 / n): the mean of all rows at first, exponentially forgetting later.
/// x are the rows with their conditional means in the gaps, E the conditional covariance there (online expectation maximisation,
/// Cappé and Moulines 2009). The lower triangle in float32, in which it is saved too; every operation is on float32, so that a
/// restored covariance goes on bit by bit.
/// </summary>
internal sealed class RecursiveCovariance(int sensors, double forgetting)
{
    private readonly float[] _lower = new float[Length(sensors)];

    public int Sensors => sensors;

    /// <summary>gamma: what one row leaves of the weight of those before it.</summary>
    public double Forgetting { get; } = forgetting;

    /// <summary>Rows (0,0), (1,0), (1,1), (2,0), …</summary>
    public Span<float> Lower => _lower;

    /// <summary>n: rows that the next gain counts.</summary>
    public double Count { get; set; }

    /// <summary>Sum of the squared weights of the rows so far; its inverse is the effective memory.</summary>
    public double SquaredWeights { get; set; } = 1;

    /// <summary>Rows that the covariance amounts to: (1 + gamma) / (1 - gamma) when settled.</summary>
    public double EffectiveMemory => Count < 1 ? 0 : 1 / SquaredWeights;

    public static int Length(int sensors) => sensors * (sensors + 1) / 2;

    /// <summary>Place of (i, j), i &gt;= j.</summary>
    public static int Index(int i, int j) => (i * (i + 1) / 2) + j;

    /// <summary>Takes a whole row in; returns its gain a_t, with which <see cref="AddSpread"/> is called for its gaps.</summary>
    public float Add(ReadOnlySpan<float> row)
    {
        Count++;
        var gain = Math.Max(1 - Forgetting, 1 / Count);
        SquaredWeights = Count <= 1 ? 1 : ((1 - gain) * (1 - gain) * SquaredWeights) + (gain * gain);
        var share = (float)gain;
        var start = 0;
        for (var i = 0; i < sensors; i++)
        {
            Blend(_lower.AsSpan(start, i + 1), row[..(i + 1)], row[i], share);
            start += i + 1;
        }

        return share;
    }

    /// <summary>Adds the conditional covariance, row-major, of the gaps.</summary>
    public void AddSpread(float gain, ReadOnlySpan<int> missing, ReadOnlySpan<double> spread)
    {
        for (var a = 0; a < missing.Length; a++)
        {
            var row = _lower.AsSpan(Index(missing[a], 0), missing[a] + 1);
            for (var b = 0; b <= a; b++)
            {
                row[missing[b]] += gain * (float)spread[(a * missing.Length) + b];
            }
        }
    }

    /// <summary>Forgets faster for a while: the gain jumps to that of <paramref name="rows"/> rows and falls from there as their number grows.</summary>
    public void Forget(double rows)
    {
        if (Count > rows)
        {
            Count = rows;
        }
    }

    /// <summary>Starts over from another covariance of the same sensors, of which <paramref name="rows"/> rows are believed.</summary>
    public void Restart(RecursiveCovariance from, double rows)
    {
        Continue(from);
        Count = Math.Min(rows, Count);
    }

    /// <summary>Goes on from where another one of the same sensors is.</summary>
    public void Continue(RecursiveCovariance from)
    {
        from._lower.CopyTo(_lower, 0);
        (Count, SquaredWeights) = (from.Count, from.SquaredWeights);
    }

    /// <summary>Mean of the diagonal.</summary>
    public double MeanVariance()
    {
        var sum = 0d;
        for (var i = 0; i < sensors; i++)
        {
            sum += _lower[Index(i, i)];
        }

        return sensors == 0 ? 0 : sum / sensors;
    }

    /// <summary>Other sensors, of which <paramref name="places"/> has the former number or -1: see <see cref="Symmetric.Adopt"/>.</summary>
    public RecursiveCovariance Adopt(ReadOnlySpan<int> places, double variance)
    {
        var adopted = new RecursiveCovariance(places.Length, Forgetting) { Count = Count, SquaredWeights = SquaredWeights };
        Symmetric.Adopt(_lower, places, variance, adopted._lower);
        return adopted;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Forgetting);
        writer.Write(Count);
        writer.Write(SquaredWeights);
        writer.Write(MemoryMarshal.AsBytes(_lower.AsSpan()));
    }

    /// <exception cref="FormatException">A number that is not finite.</exception>
    public static RecursiveCovariance Read(BinaryReader reader, int sensors)
    {
        var covariance = new RecursiveCovariance(sensors, reader.ReadDouble()) { Count = reader.ReadDouble(), SquaredWeights = reader.ReadDouble() };
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(covariance.Lower));
        foreach (var number in covariance.Lower)
        {
            _ = float.IsFinite(number) ? number : throw new FormatException("a number that is not finite");
        }

        return covariance;
    }

    private static void Blend(Span<float> entries, ReadOnlySpan<float> row, float factor, float gain)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(entries);
        var wideRow = MemoryMarshal.Cast<float, Vector<float>>(row);
        var (wideFactor, wideGain) = (new Vector<float>(factor), new Vector<float>(gain));
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] += wideGain * ((wideFactor * wideRow[i]) - wide[i]);
        }

        for (var i = wide.Length * Vector<float>.Count; i < entries.Length; i++)
        {
            entries[i] += gain * ((factor * row[i]) - entries[i]);
        }
    }
}

namespace Streams.Ingest.Sources.Video;

/// <summary>Width and height out of a sequence parameter set. ITU-T H.264, 7.3.2.1.1.</summary>
internal static class H264Size
{
    /// <summary>Reads the set that starts at its NAL unit header.</summary>
    public static (int Width, int Height) Read(ReadOnlySpan<byte> unit)
    {
        var bits = new Bits(unit);
        bits.Skip(8);
        var profile = bits.Fixed(8);
        bits.Skip(16);
        bits.Golomb();
        var chroma = 1;
        if (profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128)
        {
            chroma = ReadHighProfile(ref bits);
        }

        bits.Golomb();
        SkipOrder(ref bits);
        bits.Golomb();
        bits.Skip(1);
        var columns = bits.Golomb() + 1;
        var rows = bits.Golomb() + 1;
        var progressive = bits.Fixed(1);
        bits.Skip(progressive == 1 ? 1 : 2);
        var (width, height) = (columns * 16, rows * 16 * (2 - progressive));
        if (bits.Fixed(1) == 1)
        {
            var (unitX, unitY) = (chroma is 1 or 2 ? 2 : 1, (chroma == 1 ? 2 : 1) * (2 - progressive));
            width -= (bits.Golomb() + bits.Golomb()) * unitX;
            height -= (bits.Golomb() + bits.Golomb()) * unitY;
        }

        return (width, height);
    }

    private static int ReadHighProfile(ref Bits bits)
    {
        var chroma = bits.Golomb();
        if (chroma == 3)
        {
            bits.Skip(1);
        }

        bits.Golomb();
        bits.Golomb();
        bits.Skip(1);
        if (bits.Fixed(1) == 1)
        {
            throw new SourceException("ffmpeg's segments carry scaling matrices, from which their size cannot be read; is another libx264 installed?");
        }

        return chroma;
    }

    private static void SkipOrder(ref Bits bits)
    {
        switch (bits.Golomb())
        {
            case 0:
                bits.Golomb();
                break;
            case 1:
                bits.Skip(1);
                bits.Golomb();
                bits.Golomb();
                for (var cycle = bits.Golomb(); cycle > 0; cycle--)
                {
                    bits.Golomb();
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Bits of a NAL unit; a 3 after two zeros is emulation prevention and not data.</summary>
    private ref struct Bits(ReadOnlySpan<byte> unit)
    {
        private readonly ReadOnlySpan<byte> _unit = unit;
        private int _byte;
        private int _bit;
        private int _zeros;

        public void Skip(int count) => Fixed(count);

        public int Fixed(int count)
        {
            var value = 0;
            for (; count > 0; count--)
            {
                value = (value << 1) | Next();
            }

            return value;
        }

        public int Golomb()
        {
            var zeros = 0;
            while (Next() == 0)
            {
                if (++zeros > 30)
                {
                    throw Broken();
                }
            }

            return (1 << zeros) - 1 + Fixed(zeros);
        }

        private int Next()
        {
            if (_byte >= _unit.Length)
            {
                throw Broken();
            }

            var bit = (_unit[_byte] >> (7 - _bit)) & 1;
            if (++_bit == 8)
            {
                _zeros = _unit[_byte] == 0 ? _zeros + 1 : 0;
                (_byte, _bit) = (_byte + 1, 0);
                if (_zeros >= 2 && _byte < _unit.Length && _unit[_byte] == 3)
                {
                    (_byte, _zeros) = (_byte + 1, 0);
                }
            }

            return bit;
        }

        private static SourceException Broken() => new("the parameter set of ffmpeg's segment cannot be read; is ffmpeg whole?");
    }
}

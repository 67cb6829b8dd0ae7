using System.Buffers.Binary;

namespace Streams.Ingest.Sources.Video;

/// <summary>
/// Cuts a row of JPEGs apart by walking their marker segments, so that a thumbnail inside a segment or stuffed bytes in the
/// entropy-coded data are never taken for a boundary. ITU-T T.81, annex B.
/// </summary>
internal sealed class JpegReader(Stream stream, int maxBytes) : UnitReader(stream, maxBytes)
{
    private const byte Prefix = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;

    // How far the walk has come, from the start of the image.
    private int _position;
    private bool _inScan;
    private int _width;
    private int _height;

    protected override MediaUnit? Next(ReadOnlySpan<byte> bytes, bool ended, out int length)
    {
        length = 0;
        if (_position == 0 && !Begin(bytes))
        {
            return null;
        }

        while (true)
        {
            if (_inScan && !SkipScan(bytes))
            {
                return null;
            }

            if (bytes.Length - _position < 2)
            {
                return null;
            }

            if (bytes[_position] != Prefix)
            {
                throw Broken($"byte {bytes[_position]:X2} at {_position} where a marker should be");
            }

            var marker = bytes[_position + 1];
            if (marker == Prefix)
            {
                // Any number of fill bytes may stand before a marker.
                _position++;
            }
            else if (marker == EndOfImage)
            {
                length = _position + 2;
                return Finish(bytes[..length]);
            }
            else if (!SkipSegment(bytes, marker))
            {
                return null;
            }
        }
    }

    private bool Begin(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
        {
            return false;
        }

        if (bytes[0] != Prefix || bytes[1] != StartOfImage)
        {
            throw Broken($"bytes {bytes[0]:X2}{bytes[1]:X2} where FFD8 should start an image");
        }

        (_position, _inScan, _width, _height) = (2, false, 0, 0);
        return true;
    }

    /// <summary>Goes to the marker after entropy-coded data; FF00 is a stuffed FF and FFD0 to FFD7 are restarts within it.</summary>
    private bool SkipScan(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var next = bytes[_position..].IndexOf(Prefix);
            if (next < 0)
            {
                _position = bytes.Length;
                return false;
            }

            _position += next;
            if (bytes.Length - _position < 2)
            {
                return false;
            }

            if (bytes[_position + 1] is not (0x00 or (>= 0xD0 and <= 0xD7)))
            {
                _inScan = false;
                return true;
            }

            _position += 2;
        }
    }

    private bool SkipSegment(ReadOnlySpan<byte> bytes, byte marker)
    {
        if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
        {
            _position += 2;
            return true;
        }

        if (marker is StartOfImage or 0x00)
        {
            throw Broken($"marker FF{marker:X2} at {_position} within an image");
        }

        if (bytes.Length - _position < 4)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadUInt16BigEndian(bytes[(_position + 2)..]);
        if (size < 2)
        {
            throw Broken($"segment FF{marker:X2} at {_position} claims {size} bytes");
        }

        if (bytes.Length - _position < 2 + size)
        {
            return false;
        }

        // Start of frame, any coding process: FFC0 to FFCF without the three tables among them.
        if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
        {
            if (size < 8)
            {
                throw Broken($"frame header of {size} bytes");
            }

            _height = BinaryPrimitives.ReadUInt16BigEndian(bytes[(_position + 5)..]);
            _width = BinaryPrimitives.ReadUInt16BigEndian(bytes[(_position + 7)..]);
        }

        _position += 2 + size;
        _inScan = marker == StartOfScan;
        return true;
    }

    private MediaUnit Finish(ReadOnlySpan<byte> image)
    {
        if (_width == 0 || _height == 0)
        {
            throw Broken("no frame header");
        }

        _position = 0;
        return new MediaUnit(image.ToArray(), _width, _height, 1);
    }

    private static SourceException Broken(string problem) => new($"ffmpeg's JPEGs cannot be cut apart ({problem}); is ffmpeg whole?");
}

namespace Streams.Ingest.Sources.Video;

/// <summary>
/// Cuts an Annex B stream into segments, each from one IDR picture up to the next. Emulation prevention keeps start codes out of the
/// payload, so that every one found is a boundary. Needs access unit delimiters. ITU-T H.264, 7.4.1.2.3 and annex B.
/// </summary>
internal sealed class H264Reader(Stream stream, int maxBytes) : UnitReader(stream, maxBytes)
{
    private const int IdrSlice = 5;
    private const int ParameterSet = 7;
    private const int Delimiter = 9;

    // All positions count from the start of the segment. _position: how far start codes have been looked for.
    private int _position;
    // Start of the newest picture, that of the parameter set, and whether an IDR slice has been seen in the newest picture.
    private int _picture = -1;
    private int _parameters = -1;
    private bool _idr;
    private int _pictures;

    protected override MediaUnit? Next(ReadOnlySpan<byte> bytes, bool ended, out int length)
    {
        while (true)
        {
            // The type is in the byte after the start code.
            var found = bytes[_position..].IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
            var payload = _position + found + 3;
            if (found < 0 || payload >= bytes.Length)
            {
                break;
            }

            // A fourth byte, 0, may precede a start code and then belongs to it.
            var begin = payload > 3 && bytes[payload - 4] == 0 ? payload - 4 : payload - 3;
            _position = payload;
            switch (bytes[payload] & 0x1F)
            {
                case Delimiter:
                    (_picture, _idr) = (begin, false);
                    _pictures++;
                    break;
                case ParameterSet when _parameters < 0:
                    _parameters = payload;
                    break;
                case IdrSlice when !_idr:
                    _idr = true;
                    if (_pictures > 1)
                    {
                        length = _picture;
                        return Finish(bytes, length, _pictures - 1);
                    }

                    break;
                default:
                    break;
            }
        }

        // The last two bytes may begin a start code.
        _position = Math.Max(_position, bytes.Length - 3);
        length = ended ? bytes.Length : 0;
        return ended && _pictures > 0 ? Finish(bytes, length, _pictures) : null;
    }

    private MediaUnit Finish(ReadOnlySpan<byte> bytes, int length, int frames)
    {
        if (_parameters < 0)
        {
            throw new SourceException("ffmpeg's segments lack parameter sets, so that they would not decode; is ffmpeg whole?");
        }

        var (width, height) = H264Size.Read(bytes[_parameters..length]);
        (_position, _picture, _parameters, _idr, _pictures) = (0, -1, -1, false, 0);
        return new MediaUnit(bytes[..length].ToArray(), width, height, frames);
    }
}

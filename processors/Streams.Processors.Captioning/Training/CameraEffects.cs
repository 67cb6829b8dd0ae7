using System.Numerics;
using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Training;

/// <summary>
/// What cameras and video codecs do to a picture: light, blur, colour at half resolution, blocks, noise. Drawn once a clip, so that a
/// model trained on it reads decoded H.264 as well as clean drawings.
/// </summary>
internal sealed class CameraEffects
{
    private const int Block = 4;
    private readonly double _gain;
    private readonly double _offset;
    private readonly double _blur;
    private readonly bool _halfColour;
    private readonly double _blocks;
    private readonly double _noise;
    private readonly float[] _work;
    private readonly float[] _other;

    public CameraEffects(ref SceneRandom random, int size)
    {
        _gain = random.Between(0.92, 1.08);
        _offset = random.Between(-8, 8);
        _blur = random.Chance(0.5) ? random.Between(0, 0.24) : 0;
        _halfColour = random.Chance(0.4);
        _blocks = random.Chance(0.35) ? random.Between(0, 6) : 0;
        _noise = random.Chance(0.7) ? random.Between(0, 7) : 0;
        _work = new float[size * size * 3];
        _other = new float[size * size * 3];
    }

    public void Apply(ref SceneRandom random, int size, Span<byte> pixels)
    {
        var (gain, offset) = ((float)_gain, (float)_offset);
        for (var i = 0; i < _work.Length; i++)
        {
            _work[i] = (gain * pixels[i]) + offset;
        }

        if (_blur > 0)
        {
            Blur(3, (float)_blur);
            Blur(3 * size, (float)_blur);
        }

        if (_halfColour)
        {
            HalveColour(size);
        }

        AddNoise(ref random, size);
        for (var i = 0; i < _work.Length; i++)
        {
            pixels[i] = (byte)Math.Clamp(_work[i] + 0.5f, 0, 255);
        }
    }

    // [w, 1-2w, w] along one axis. Pixels at the left and right edge borrow from the neighbouring row, those of the first and last row stay: flaws as good as any lens's.
    private void Blur(int stride, float weight)
    {
        _work.CopyTo(_other, 0);
        var (own, last) = (1 - (2 * weight), _work.Length - stride);
        var at = stride;
        for (; at + Vector<float>.Count <= last; at += Vector<float>.Count)
        {
            var sides = new Vector<float>(_other, at - stride) + new Vector<float>(_other, at + stride);
            ((own * new Vector<float>(_other, at)) + (weight * sides)).CopyTo(_work, at);
        }

        for (; at < last; at++)
        {
            _work[at] = (own * _other[at]) + (weight * (_other[at - stride] + _other[at + stride]));
        }
    }

    private void HalveColour(int size)
    {
        for (var row = 0; row < size; row += 2)
        {
            for (var column = 0; column < size; column += 2)
            {
                ReadOnlySpan<int> corners =
                [
                    ((row * size) + column) * 3, ((row * size) + column + 1) * 3,
                    (((row + 1) * size) + column) * 3, (((row + 1) * size) + column + 1) * 3,
                ];
                var (blue, red) = (0f, 0f);
                foreach (var at in corners)
                {
                    blue += (_work[at + 2] - Luma(at)) / 4;
                    red += (_work[at] - Luma(at)) / 4;
                }

                foreach (var at in corners)
                {
                    var luma = Luma(at);
                    _work[at] = luma + red;
                    _work[at + 2] = luma + blue;
                    _work[at + 1] = (luma - (0.299f * _work[at]) - (0.114f * _work[at + 2])) / 0.587f;
                }
            }
        }
    }

    private float Luma(int at) => (0.299f * _work[at]) + (0.587f * _work[at + 1]) + (0.114f * _work[at + 2]);

    private void AddNoise(ref SceneRandom random, int size)
    {
        if (_blocks > 0)
        {
            for (var row = 0; row < size; row += Block)
            {
                for (var column = 0; column < size; column += Block)
                {
                    var shift = (float)random.Between(-_blocks, _blocks);
                    for (var i = 0; i < Block * Block; i++)
                    {
                        var at = (((row + (i / Block)) * size) + column + (i % Block)) * 3;
                        _work[at] += shift;
                        _work[at + 1] += shift;
                        _work[at + 2] += shift;
                    }
                }
            }
        }

        if (_noise > 0)
        {
            // A byte sum of four has a deviation of 147.8: near enough to normal, and one random number serves two values.
            var scale = (float)(_noise / 147.8);
            for (var i = 0; i < _work.Length; i += 2)
            {
                var bits = random.Next();
                _work[i] += scale * (Sum(bits) - 510);
                _work[i + 1] += scale * (Sum(bits >> 32) - 510);
            }
        }
    }

    private static int Sum(ulong bits) => (int)((bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + ((bits >> 24) & 255));
}

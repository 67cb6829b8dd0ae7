namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>Numbers keys from 0 in the order of their first use: open addressing, some 15 bytes a key, the key itself included.</summary>
internal sealed class KeyIndex
{
    private readonly ChunkedArray<ulong> _keys = new();

    /// <summary>0, or one more than the number of a key whose hash leads here. A power of two long, three quarters of it taken at most.</summary>
    private int[] _places = new int[16];

    /// <summary>Keys numbered.</summary>
    public int Count => _keys.Count;

    public ulong KeyOf(int number) => _keys[number];

    /// <summary>The number of <paramref name="key"/>; -1 when it has none.</summary>
    public int Find(ulong key) => _places[PlaceOf(key)] - 1;

    public int GetOrAdd(ulong key)
    {
        var place = PlaceOf(key);
        if (_places[place] > 0)
        {
            return _places[place] - 1;
        }

        if ((Count + 1) * 4L > _places.Length * 3L)
        {
            Grow();
            place = PlaceOf(key);
        }

        var number = _keys.Take(1);
        _keys[number] = key;
        _places[place] = number + 1;
        return number;
    }

    private void Grow()
    {
        _places = new int[2 * _places.Length];
        for (var number = 0; number < Count; number++)
        {
            _places[PlaceOf(_keys[number])] = number + 1;
        }
    }

    /// <summary>Where the key is, or would be.</summary>
    private int PlaceOf(ulong key)
    {
        var mask = _places.Length - 1;
        var place = (int)Hashing.Mix(key) & mask;
        while (_places[place] is var taken and > 0 && _keys[taken - 1] != key)
        {
            place = (place + 1) & mask;
        }

        return place;
    }
}

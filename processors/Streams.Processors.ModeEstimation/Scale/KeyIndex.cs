namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>Numbers keys from 0 in the order of their first use: open addressing, some 14 bytes a key, the key itself included.</summary>
internal sealed class KeyIndex
{
    private readonly ChunkedArray<ulong> _keys = new();

    /// <summary>0, or one more than the number of a key whose hash leads here. Three quarters of it are taken at most, and three fifths at least.</summary>
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

    /// <summary>By a quarter: doubling would leave more than half empty, which is as much as five bytes a key.</summary>
    private void Grow()
    {
        _places = new int[_places.Length + (_places.Length / 4)];
        for (var number = 0; number < Count; number++)
        {
            // No two keys are the same: the first empty place will do, without a look at the keys on the way.
            var place = Home(_keys[number]);
            while (_places[place] > 0)
            {
                place = After(place);
            }

            _places[place] = number + 1;
        }
    }

    /// <summary>Where the key is, or would be.</summary>
    private int PlaceOf(ulong key)
    {
        var place = Home(key);
        while (_places[place] is var taken and > 0 && _keys[taken - 1] != key)
        {
            place = After(place);
        }

        return place;
    }

    /// <summary>Where the search for a key begins: its hash, from 0 to 1, of the length.</summary>
    private int Home(ulong key) => (int)(((Hashing.Mix(key) >> 32) * (ulong)_places.Length) >> 32);

    private int After(int place) => place + 1 < _places.Length ? place + 1 : 0;
}

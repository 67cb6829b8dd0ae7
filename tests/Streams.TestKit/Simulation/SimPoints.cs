namespace Streams.TestKit.Simulation;

/// <summary>Between which two steps of a record's way something happens.</summary>
public enum SimPoint
{
    /// <summary>The processor has run; nothing is stored.</summary>
    Applied,

    /// <summary>The state is stored; its grain does not know yet.</summary>
    StateWritten,

    /// <summary>The results are on their topic; the broker has not acknowledged them.</summary>
    ResultsPublished,

    /// <summary>The broker has acknowledged the results; the record does not count as done.</summary>
    ResultsAcknowledged,

    /// <summary>The record counts as done; the cursor is not written.</summary>
    LedgerAdvanced,

    /// <summary>The cursor is written; its pump does not know yet.</summary>
    CursorWritten,
}

/// <summary>Lets a fault strike when a point is reached for the n-th time.</summary>
internal sealed class SimPoints
{
    private readonly Dictionary<SimPoint, int> _reached = [];
    private (SimPoint Point, int Time, Action Fault)? _armed;

    public bool HasStruck { get; private set; }

    public void Arm(SimPoint point, int time, Action fault) => _armed = (point, time, fault);

    public void Reach(SimPoint point)
    {
        var times = _reached[point] = _reached.GetValueOrDefault(point) + 1;
        if (_armed is { } armed && armed.Point == point && armed.Time == times)
        {
            _armed = null;
            HasStruck = true;
            armed.Fault();
        }
    }
}

namespace Streams.Dashboard.Security;

/// <summary>What a caller may do.</summary>
public enum AccessRole
{
    /// <summary>See everything, change nothing.</summary>
    Viewer,

    /// <summary>Also start, promote, stop and delete.</summary>
    Operator,
}

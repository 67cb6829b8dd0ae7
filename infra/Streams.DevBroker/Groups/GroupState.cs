namespace Streams.DevBroker.Groups;

/// <summary>The states of a classic group; their names are what operators' tools show.</summary>
internal enum GroupState
{
    /// <summary>No members; may hold offsets.</summary>
    Empty,

    /// <summary>Waiting for the members to join.</summary>
    PreparingRebalance,

    /// <summary>Waiting for the leader's assignment.</summary>
    CompletingRebalance,

    /// <summary>Everybody has an assignment.</summary>
    Stable,

    /// <summary>Removed; whoever still holds this object must look the group up again.</summary>
    Dead,
}

namespace Streams.TestKit.Simulation;

/// <summary>What a simulation is made of.</summary>
public sealed record SimulationPlan
{
    /// <summary>Source partitions.</summary>
    public int Partitions { get; init; } = 3;

    /// <summary>Keys.</summary>
    public int Keys { get; init; } = 6;

    /// <summary>Source records.</summary>
    public int Records { get; init; } = 60;

    /// <summary>Host processes at the start; faults kill, pause, stop and add some.</summary>
    public int Hosts { get; init; } = 2;

    /// <summary>Longest pause of the producer.</summary>
    public int PaceMilliseconds { get; init; } = 200;

    /// <summary>Results are published in transactions, and then none may come twice.</summary>
    public bool Transactional { get; init; }

    /// <summary>Keys share the grain of their partition, as where they are many and light; else each has a grain of its own.</summary>
    public bool SharesGrains { get; init; }

    /// <summary>Faults that strike, drawn from all of <see cref="SimFault"/>.</summary>
    public int Faults { get; init; } = 4;

    /// <summary>Longest time between two faults.</summary>
    public int FaultEveryMilliseconds { get; init; } = 4_000;

    /// <summary>Share of requests to store and broker that are lost, and as many answers.</summary>
    public double LossRate { get; init; } = 0.01;

    /// <summary>Share of calls that find no activation though there is one.</summary>
    public double RaceRate { get; init; } = 0.005;

    /// <summary>A step at which a process is killed.</summary>
    public int? KillAtStep { get; init; }

    /// <summary>A fault at a point of a record's way.</summary>
    public (SimPoint Point, int Time, SimFault Fault)? AtPoint { get; init; }

    /// <summary>A rule that the simulated world breaks, to see that the checks notice.</summary>
    public SimSabotage Sabotage { get; init; }

    /// <summary>Keep a trace for the error's message.</summary>
    public bool Trace { get; init; }

    /// <summary>Nothing fails.</summary>
    public static SimulationPlan Calm { get; } = new() { Faults = 0, LossRate = 0, RaceRate = 0 };
}

/// <summary>Rules on which the product relies.</summary>
public enum SimSabotage
{
    /// <summary>All are kept.</summary>
    None,

    /// <summary>The store takes a write whatever was written in between.</summary>
    StoreWithoutCompareAndSet,

    /// <summary>A cursor moves also when the store was restarted since its lease was taken.</summary>
    CursorOfAnyIncarnation,

    /// <summary>A state is written whatever lease it is of: by ETag alone.</summary>
    StateWithoutFence,

    /// <summary>The broker acknowledges results that it does not keep, one in fifty.</summary>
    BrokerLosesAcknowledged,
}

/// <summary>What can go wrong.</summary>
public enum SimFault
{
    /// <summary>SIGKILL of a host; another starts.</summary>
    Kill,

    /// <summary>SIGSTOP of a host, for less or more than the session timeout.</summary>
    Pause,

    /// <summary>SIGTERM of a host; another starts.</summary>
    Stop,

    /// <summary>The store is killed and comes back without its last writes.</summary>
    StoreCrash,

    /// <summary>The store does not answer for a while.</summary>
    StoreDown,

    /// <summary>The directory forgets where grains are: each gets a second activation.</summary>
    SecondActivation,

    /// <summary>Another host joins.</summary>
    Join,
}

/// <summary>What a simulation went through.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Steps">Scheduling decisions.</param>
/// <param name="Time">Simulated time.</param>
/// <param name="Processes">Hosts started.</param>
/// <param name="StoreCrashes">Restarts of the store.</param>
/// <param name="WritesLost">Acknowledged writes that the store lost in them.</param>
/// <param name="Published">Result records, repetitions included.</param>
/// <param name="PointReached">Whether the fault of <see cref="SimulationPlan.AtPoint"/> struck.</param>
public sealed record SimulationReport(
    int Seed, int Steps, TimeSpan Time, int Processes, int StoreCrashes, int WritesLost, int Published, bool PointReached);

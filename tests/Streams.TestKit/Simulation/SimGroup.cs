namespace Streams.TestKit.Simulation;

/// <summary>
/// A consumer group with cooperative rebalancing: a partition goes to its new member only when the old one has given it up, or has not been heard
/// of for the session timeout.
/// </summary>
internal sealed class SimGroup(SimWorld world, int partitions)
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(6);

    private readonly List<Member> _members = [];

    /// <summary>One consumer as the coordinator sees it.</summary>
    internal sealed class Member(SimProcess process)
    {
        public SimProcess Process => process;

        public TimeSpan Heard { get; set; }

        public HashSet<int> Owned { get; } = [];

        public HashSet<int> Target { get; } = [];

        public bool IsExpelled { get; set; }
    }

    public Member Join(SimProcess process)
    {
        var member = new Member(process) { Heard = world.Clock.Now };
        _members.Add(member);
        Assign();
        return member;
    }

    public void Leave(Member member)
    {
        if (_members.Remove(member))
        {
            member.Owned.Clear();
            Assign();
        }
    }

    /// <summary>Whether nobody holds the partition.</summary>
    public bool IsFree(int partition) => _members.All(member => !member.Owned.Contains(partition));

    /// <summary>Members whose process runs are heard of; those silent for too long are expelled.</summary>
    public void Tick()
    {
        foreach (var member in _members.ToList())
        {
            if (member.Process.CanRun)
            {
                member.Heard = world.Clock.Now;
            }
            else if (world.Clock.Now - member.Heard > SessionTimeout)
            {
                world.Trace($"group: {member.Process.Name} expelled");
                member.IsExpelled = true;
                _members.Remove(member);
                Assign();
            }
        }
    }

    /// <summary>Evenly, and with as few moves as that takes.</summary>
    private void Assign()
    {
        _members.ForEach(member => member.Target.Clear());
        if (_members.Count == 0)
        {
            return;
        }

        var most = (partitions + _members.Count - 1) / _members.Count;
        var unassigned = new List<int>();
        for (var partition = 0; partition < partitions; partition++)
        {
            var owner = _members.Find(member => member.Owned.Contains(partition));
            if (owner is not null && owner.Target.Count < most)
            {
                owner.Target.Add(partition);
            }
            else
            {
                unassigned.Add(partition);
            }
        }

        foreach (var partition in unassigned)
        {
            _members.MinBy(member => member.Target.Count)!.Target.Add(partition);
        }
    }
}

// Much of a test here is waiting: for a process that starts, a session that runs out, a minute of cut connections. Faults run alone all the same.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]

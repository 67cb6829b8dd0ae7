using Streams.Processors.Captioning.Serving;

namespace Streams.Captioning.Tests.Serving;

public sealed class JoinPolicyTests
{
    [Fact]
    public void Joining_StepsDoNotWait_AtOnceWhereNothingRunsAndInSmallGroupsBesideOthers()
    {
        var policy = new JoinPolicy(64, waits: false, ahead: false);

        Assert.Equal(4, policy.Group);
        Assert.Equal((1, 0, 4, 9), (policy.Joining(0, 1, 50), policy.Joining(61, 9, 50), policy.Joining(60, 9, 0), policy.Joining(40, 9, 50)));
        Assert.Equal(2, policy.Joining(40, 2, 1)); // a group is not coming
        Assert.True(policy.Steps(1, 0, 50));
        Assert.False(policy.Steps(0, 0, 50));
    }

    [Fact]
    public void Joining_AheadOfSlots_OneGroupMoreThanThereAreSlots()
    {
        var policy = new JoinPolicy(8, waits: false, ahead: true);

        Assert.Equal((4, 0, 6), (policy.Joining(8, 20, 0), policy.Joining(9, 20, 0), policy.Joining(6, 20, 0)));
        Assert.Equal(1, new JoinPolicy(1, waits: false, ahead: true).Joining(1, 5, 0));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(8, 4)]
    public void Joining_StepsDoNotWait_FewSlotsMakeSmallerGroups(int slots, int group) => Assert.Equal(group, new JoinPolicy(slots, waits: false, ahead: false).Group);

    [Fact]
    public void Joining_MoreAreComing_WaitsForAGroup()
    {
        var policy = new JoinPolicy(64, waits: true, ahead: false);

        Assert.Equal(8, policy.Group);
        Assert.Equal((0, 8, 20), (policy.Joining(0, 7, 20), policy.Joining(0, 8, 20), policy.Joining(44, 30, 20)));
    }

    [Fact]
    public void Joining_TooFewAreComingForAGroup_DoesNotWaitForIt() => Assert.Equal(5, new JoinPolicy(64, waits: true, ahead: false).Joining(20, 5, 2));

    [Fact]
    public void Steps_ClipsComeToFreeSlots_WaitsUntilSlotsAreNearlyFull()
    {
        var policy = new JoinPolicy(64, waits: true, ahead: false);

        Assert.False(policy.Steps(56, 0, 8));
        Assert.True(policy.Steps(57, 0, 8));
        Assert.False(policy.Steps(1, 3, 5));
        Assert.True(policy.Steps(1, 0, 0));
    }

    [Fact]
    public void Steps_AFewClipsComeNowAndThen_NobodyWaitsForThem()
    {
        Assert.True(new JoinPolicy(64, waits: true, ahead: false).Steps(20, 0, 7));
        Assert.True(new JoinPolicy(8, waits: true, ahead: false).Steps(1, 0, 2));
        Assert.False(new JoinPolicy(8, waits: true, ahead: false).Steps(6, 0, 2)); // all that are free
    }

    [Fact]
    public void Steps_EncoderBringsNothing_WaitsForSoManyPassesAtMost()
    {
        var policy = new JoinPolicy(64, waits: true, ahead: false);
        for (var i = 0; i < JoinPolicy.MostPasses; i++)
        {
            Assert.False(policy.Steps(8, 3, 100));
            policy.Passed();
        }

        Assert.Equal(3, policy.Joining(8, 3, 100));
        Assert.False(policy.Steps(11, 0, 100));
    }

    [Fact]
    public void Joining_FewSlotsFreeForLong_TakesThemAfterSoManySteps()
    {
        var policy = new JoinPolicy(64, waits: true, ahead: false);
        for (var i = 0; i < JoinPolicy.MostSteps; i++)
        {
            Assert.Equal(0, policy.Joining(60, 30, 100));
            Assert.True(policy.Steps(60, 30, 100));
        }

        Assert.Equal(4, policy.Joining(60, 30, 100));
        Assert.Equal(0, policy.Joining(60, 30, 100));
    }
}

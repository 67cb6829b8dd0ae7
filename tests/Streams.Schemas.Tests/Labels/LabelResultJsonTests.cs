using System.Text;
using Streams.Schemas.Results;

namespace Streams.Schemas.Tests.Labels;

public sealed class LabelResultJsonTests
{
    [Fact]
    public void Query_Stop_LeavesOutWhatIsNullAndReadsBackEqual()
    {
        var stop = new LabelQuery("t", LabelQueryKind.Stop, null, null, new LabelProgress(0, null, 0, 0, 11));
        var json = ResultJson.Serialize(stop);

        Assert.Equal("{\"task\":\"t\",\"kind\":\"STOP\",\"progress\":{\"labels\":0,\"leaderCount\":0,\"runnerUpCount\":0,\"leaderNeeded\":11}}", Encoding.UTF8.GetString(json));
        Assert.Equal(stop, ResultJson.Deserialize<LabelQuery>(json));
    }

    [Fact]
    public void Query_WithoutATask_IsRefused() =>
        Assert.Contains(
            "'task'",
            Assert.Throws<RecordFormatException>(() => ResultJson.Deserialize<LabelQuery>("{\"kind\":\"STOP\",\"progress\":{\"labels\":0,\"leaderCount\":0,\"runnerUpCount\":0,\"leaderNeeded\":11}}"u8)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Mode_AbstainedBeforeAnyLabel_ReadsBackEqual()
    {
        var mode = new LabelMode("t", LabelModeStatus.Abstain, null, 0.01, 0, 0, 0, 0, 0, 0, 1, "ppr-1v1/1");

        Assert.Equal(mode, ResultJson.Deserialize<LabelMode>(ResultJson.Serialize(mode)));
    }
}

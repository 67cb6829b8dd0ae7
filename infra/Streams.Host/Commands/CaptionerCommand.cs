using System.CommandLine;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner train|average|eval|load|watch|score</c>: makes, measures and loads the captioning model.</summary>
internal static class CaptionerCommand
{
    public static Command Create() => new("captioner", "Train, measure or load a captioning model.")
    {
        CaptionerTrainCommand.Create(), CaptionerAverageCommand.Create(), CaptionerEvalCommand.Create(), CaptionerLoadCommand.Create(), CaptionerWatchCommand.Create(),
        CaptionerScoreCommand.Create(),
    };
}

using System.CommandLine;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner train|eval|load|score</c>: makes, measures and loads the captioning model.</summary>
internal static class CaptionerCommand
{
    public static Command Create() => new("captioner", "Train, measure or load a captioning model.")
    {
        CaptionerTrainCommand.Create(), CaptionerEvalCommand.Create(), CaptionerLoadCommand.Create(), CaptionerScoreCommand.Create(),
    };
}

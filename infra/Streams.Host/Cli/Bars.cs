using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Streams.Host.Cli;

/// <summary>Progress as every command shows it: what, how far, how fast, and how long it will still take.</summary>
internal static class Bars
{
    /// <summary>Bars with all of that. With <c>--json</c> they go to standard error, so that standard output stays JSON.</summary>
    public static Progress Create() => AnsiConsole.Progress().Columns(
        new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn());

    /// <summary>Moves a bar to <paramref name="done"/> and says the mean rate since <paramref name="began"/>.</summary>
    /// <param name="bar">The bar.</param>
    /// <param name="what">What it is of.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="done">How many of them.</param>
    /// <param name="began">Timestamp of the beginning.</param>
    public static void Show(this ProgressTask bar, string what, string unit, long done, long began)
    {
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        bar.Value = done;
        bar.Description = string.Create(
            CultureInfo.InvariantCulture, $"{what}, {done:n0} {unit}{(seconds > 0 ? string.Create(CultureInfo.InvariantCulture, $", {done / seconds:n1}/s") : "")}");
    }
}

using System.CommandLine;
using System.CommandLine.Completions;
using Confluent.Kafka;
using Spectre.Console;
using Streams.Host.Commands;
using Streams.Host.Configuration;

namespace Streams.Host.Cli;

/// <summary>The <c>streams</c> program: its commands, and how an error looks.</summary>
internal static class StreamsCommandLine
{
    /// <summary>Exit code of everything that went wrong.</summary>
    public const int Failed = 1;

    /// <summary>Exit code after Ctrl-C, as shells expect it.</summary>
    public const int Interrupted = 130;

    // Longer than a host takes to stop; the library's own two seconds would cut its drain short.
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(20);

    private const int RedirectedWidth = 160;

    public static async Task<int> RunAsync(string[] args)
    {
        var root = Root();
        if (Console.IsOutputRedirected)
        {
            // A file has no width; 80 columns would break every table.
            AnsiConsole.Profile.Width = RedirectedWidth;
        }

        var parsed = root.Parse(args);
        // Completion asks about commands that are not written to their end.
        if (parsed.Errors.Count > 0 && !root.Directives.OfType<SuggestDirective>().Any(suggest => parsed.GetResult(suggest) is not null))
        {
            return Fail($"{string.Join("; ", parsed.Errors.Select(error => OneLine(error.Message).TrimEnd('.')))} — see `streams {CommandPath(parsed)}--help`");
        }

        if (parsed.CommandResult.Command.Options.OfType<Option<bool>>().FirstOrDefault(option => option.Name == "--json") is { } json && parsed.GetValue(json))
        {
            // Programs read standard output; what is for people (bars, remarks) goes where it disturbs none of them.
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            if (Console.IsErrorRedirected)
            {
                AnsiConsole.Profile.Width = RedirectedWidth;
            }
        }

        try
        {
            StreamsConfiguration.LoadLibtorch();
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TerminationTimeout,
            });
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception e)
        {
            return Fail(Explain(e));
        }
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Root() => new(
        """
        Streams: video captions, learned sensor graphs and label modes, from Kafka topics to dashboards.

        Start with `streams demo`, or `streams up` and then `streams publish …` in another terminal.

        With --json standard output is JSON, one object a line, and everything else goes to standard error.

        Exit codes: 0 done; 1 not done, with one line that says why and what to do; 2 done, and what was compared differs (`runs verify`); 130 Ctrl-C
            before the end (what runs until Ctrl-C, such as `up` and `watch`, ends with 0).
        """)
    {
        UpCommand.Create(),
        DemoCommand.Create(),
        PublishCommand.Create(),
        OracleCommand.Create(),
        ModesCommand.Create(),
        GraphsCommand.Create(),
        WatchCommand.Create(),
        ReplayCommand.Create(),
        RunsCommand.Create(),
        DltCommand.Create(),
        TopicsCommand.Create(),
        CaptionerCommand.Create(),
        KeysCommand.Create(),
        ConfigCommand.Create(),
        CompletionCommand.Create(),
        DoctorCommand.Create(),
        BrokerCommand.Create(),
    };

    private static string CommandPath(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result?.Parent is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Push(result.Command.Name);
        }

        return string.Concat(names.Select(name => name + " "));
    }

    // Exceptions whose message is already one line with a remedy are printed as they are; anything else is our fault and says so.
    private static string Explain(Exception e) => e switch
    {
        StreamsException => e.Message,
        KafkaException kafka => $"Kafka: {kafka.Error.Reason} — is the broker running? `streams doctor` checks it",
        StackExchange.Redis.RedisConnectionException redis => $"Redis: {FirstLine(redis.Message)} — is it running? `streams doctor` checks it",
        _ when e.GetType().Namespace?.StartsWith("Streams", StringComparison.Ordinal) == true => FirstLine(e.Message),
        AggregateException { InnerException: { } inner } => Explain(inner),
        _ => Environment.GetEnvironmentVariable("STREAMS_TRACE") is "1"
            ? e.ToString()
            : $"{e.GetType().Name}: {FirstLine(e.Message)} — set STREAMS_TRACE=1 to see where",
    };

    private static string OneLine(string message) => string.Join(' ', message.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));

    private static string FirstLine(string message) => message.ReplaceLineEndings("\n").Split('\n')[0];

    private static int Fail(string line)
    {
        var error = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        error.Profile.Width = int.MaxValue / 2;
        error.MarkupLineInterpolated($"[red]streams:[/] {line}");
        return Failed;
    }
}

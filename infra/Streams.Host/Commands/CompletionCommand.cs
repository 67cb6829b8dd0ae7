using System.CommandLine;

namespace Streams.Host.Commands;

/// <summary><c>streams completion bash</c>: commands and options at the Tab key.</summary>
internal static class CompletionCommand
{
    // The program itself answers what fits, through the directive that its command line library has for it. It is asked under its own name, because the
    // library passes over the first word only then; 'infra/streams' and 'streams' so complete alike.
    private const string Bash = """
        # streams: bash completion. Load it with:  source <(streams completion bash)
        _streams() {
          local words="streams${COMP_LINE:${#COMP_WORDS[0]}}"
          local at=$(( COMP_POINT - ${#COMP_WORDS[0]} + 7 ))
          mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" "[suggest:$at]" "$words" 2>/dev/null | grep -F -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _streams streams infra/streams
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash" };
        shell.AcceptOnlyFromAmong("bash");
        var command = new Command(
            "completion",
            """
            Print a script that completes commands and options at the Tab key.

              source <(streams completion bash)
            """)
        {
            shell,
        };
        command.SetAction(_ => Console.Out.WriteLine(Bash.ReplaceLineEndings("\n")));
        return command;
    }
}

using System.CommandLine;
using TrainingHost.Reporting;

namespace TrainingHost.Commands;

/// <summary>completion: the script that makes a shell complete this program's command lines. Each asks the program itself.</summary>
internal static class CompletionCommand
{
    private const string Program = "TrainingHost";

    private const string Bash = $$"""
        # bash completion of {{Program}}: source <({{Program}} completion bash)
        _{{Program}}() {
            local IFS=$'\n' current="${COMP_WORDS[COMP_CWORD]}"
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${current#=}"))
        }
        complete -o bashdefault -o default -F _{{Program}} {{Program}}
        """;

    private const string Zsh = $$"""
        # zsh completion of {{Program}}: source <({{Program}} completion zsh)
        _{{Program}}() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#BUFFER[1,CURSOR]}]" "$BUFFER" 2>/dev/null)}")
            compadd -a found
            _files
        }
        compdef _{{Program}} {{Program}}
        """;

    private const string PowerShell = $$"""
        # PowerShell completion of {{Program}}: {{Program}} completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName {{Program}} -ScriptBlock {
            param($word, $ast, $position)
            $program = $ast.CommandElements[0].Value
            & $program "[suggest:$position]" "$ast" 2>$null | Where-Object { $_ -like "$word*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    public static Command Create(VerbOutput output)
    {
        (string Name, string Script)[] shells = [("bash", Bash), ("zsh", Zsh), ("powershell", PowerShell)];
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or powershell." };
        shell.CompletionSources.Add(_ => shells.Select(known => known.Name));
        shell.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, [.. shells.Select(known => known.Name)]);
        var command = new VerbCommand("completion", "Prints a script that completes verbs, options, their values and models in a shell.")
        {
            Examples = [new("completion bash > ~/.local/share/bash-completion/completions/TrainingHost", "Completion in every new bash.")],
        };
        command.Add(shell);
        command.SetAction(parsed =>
        {
            string name = parsed.GetValue(shell)!;
            output.Writer.WriteLine(Array.Find(shells, known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Script);
            return CommandLine.Done;
        });
        return command;
    }
}

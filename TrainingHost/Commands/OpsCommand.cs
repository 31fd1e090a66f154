using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using TrainingHost.Reporting;

namespace TrainingHost.Commands;

/// <summary>ops: the table of supported operators, from the tables themselves.</summary>
internal static class OpsCommand
{
    public static Command Create(VerbOutput output)
    {
        var filter = new Option<string?>("--filter") { Description = "Only operators with this in their names.", HelpName = "text" };
        var command = new VerbCommand("ops", "Lists the supported operators.")
        {
            Examples = [new("ops --filter conv", "What is known of convolutions.")],
        };
        command.Add("Operators", filter, CommonSwitches.Json());
        command.SetAction(parsed => Run(parsed.GetValue(filter), output));
        return command;
    }

    private static int Run(string? filter, VerbOutput output)
    {
        SupportedOperator[] shown =
            [.. SupportedOperators.All().Where(op => filter is null || $"{op.Id}".Contains(filter, StringComparison.OrdinalIgnoreCase))];
        if (shown.Length == 0) throw new GraphRewriteException($"--filter {filter}: no supported operator has that in its name.");
        output.Json(() => shown.Select(op => new { @operator = $"{op.Id}", op.Gradient, op.Opsets, op.Lowered, op.Shapes }));
        output.Result("| operator | gradient | opsets | lowering | shapes |");
        output.Result("| --- | --- | --- | --- | --- |");
        foreach (SupportedOperator op in shown)
        {
            string lowering = op.Lowered ? "to standard operators" : "", shapes = op.Shapes ? "inferred" : "as declared";
            output.Result($"| `{op.Id}` | {op.Gradient} | {op.Opsets} | {lowering} | {shapes} |");
        }
        if (filter is not null) return CommandLine.Done;
        output.Result("");
        (long oldest, long newest) = SupportedOperators.Opsets;
        output.Result($"Opsets {oldest} to {newest} are read; all are brought to {SupportedOperators.Opset}.");
        output.Result("\"yes, by others\": the normal form writes the operator with others, which have gradients.");
        return CommandLine.Done;
    }
}

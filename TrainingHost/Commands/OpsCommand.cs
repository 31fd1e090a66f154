using System.CommandLine;
using GraphRewrite.Lowering;
using GraphRewrite.Passes;

namespace TrainingHost.Commands;

/// <summary>ops: the table of supported operators, from the tables themselves.</summary>
internal static class OpsCommand
{
    public static Command Create(TextWriter writer)
    {
        var command = new Command("ops", "Lists the supported operators.");
        command.SetAction(_ =>
        {
            writer.WriteLine("| operator | lowered for stock ONNX Runtime | shape inference |");
            writer.WriteLine("| --- | --- | --- |");
            foreach (SupportedOperator op in SupportedOperators.All())
                writer.WriteLine($"| `{op.Id}` | {(op.Lowered ? "yes" : "as it is")} | {(op.Shapes ? "yes" : "as declared")} |");
            return CommandLine.Done;
        });
        return command;
    }
}

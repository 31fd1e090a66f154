using System.CommandLine;
using GraphRewrite.Forward;

namespace TrainingHost.Commands;

/// <summary>ops: the table of supported operators, from the tables themselves.</summary>
internal static class OpsCommand
{
    public static Command Create(TextWriter writer)
    {
        var command = new Command("ops", "Lists the supported operators.");
        command.SetAction(_ =>
        {
            writer.WriteLine("| operator | gradient | lowering | shapes |");
            writer.WriteLine("| --- | --- | --- | --- |");
            foreach (SupportedOperator op in SupportedOperators.All())
            {
                string lowering = op.Lowered ? "to standard operators" : "", shapes = op.Shapes ? "inferred" : "as declared";
                writer.WriteLine($"| `{op.Id}` | {op.Gradient} | {lowering} | {shapes} |");
            }
            writer.WriteLine();
            writer.WriteLine("Opsets 11 to 23 are read; all are brought to 21.");
            return CommandLine.Done;
        });
        return command;
    }
}

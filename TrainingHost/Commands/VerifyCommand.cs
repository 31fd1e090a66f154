using System.CommandLine;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Verification;
using TrainingHost.Runtime;

namespace TrainingHost.Commands;

/// <summary>verify: proves that a rewrite changed the first layer's weight gradient, to TrAct's, and nothing else.</summary>
internal static class VerifyCommand
{
    public static Command Create(TextWriter writer)
    {
        var before = new Argument<string>("before") { Description = "The folder of plain artifacts." };
        var after = new Argument<string>("after") { Description = "The folder of rewritten artifacts." };
        Option<double?> lambda = CommonOptions.Lambda();
        Option<string?> library = CommonOptions.OrtLibrary();
        var command = new Command("verify", "Proves that nothing but the first layer's weight gradient changed, and that it is TrAct's.") { before, after, lambda, library };
        command.SetAction(parsed =>
        {
            OrtLibrary.Use(parsed.GetValue(library));
            string plain = CommonOptions.ToModelPath(parsed.GetValue(before)!), rewritten = CommonOptions.ToModelPath(parsed.GetValue(after)!);
            VerificationReport report = ArtifactVerification.Run(plain, rewritten, new OrtGraphRunner(), Lowered, parsed.GetValue(lambda));
            writer.WriteLine(report);
            return report.Holds ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }

    private static Model Lowered(Model model)
    {
        LoweringPipeline.Apply(model, LoweringTarget.Cpu);
        return model;
    }
}

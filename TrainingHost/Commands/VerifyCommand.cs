using System.CommandLine;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Verification;
using TrainingHost.Runtime;
using TrainingHost.Settings;

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
        var command = new Command("verify", "Proves that nothing but the first layer's weight gradient changed, and that it is TrAct's.")
        {
            before, after, lambda, library,
        };
        return command.Runs(Bind, settings => Run(settings, writer));

        VerifySettings Bind(ParseResult parsed) => new()
        {
            Before = CommonOptions.ToModelPath(parsed.GetValue(before)!),
            After = CommonOptions.ToModelPath(parsed.GetValue(after)!),
            Lambda = parsed.GetValue(lambda),
            Library = parsed.GetValue(library),
        };
    }

    private static int Run(VerifySettings settings, TextWriter writer)
    {
        OrtLibrary.Use(settings.Library);
        VerificationReport report = ArtifactVerification.Run(settings.Before, settings.After, new OrtGraphRunner(), Lowered, settings.Lambda);
        writer.WriteLine(report);
        return report.Holds ? CommandLine.Done : CommandLine.Failed;
    }

    private static Model Lowered(Model model)
    {
        LoweringPipeline.Apply(model, LoweringTarget.Cpu);
        return model;
    }
}

using System.CommandLine;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Verification;
using Microsoft.ML.OnnxRuntime;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>verify: proves that a rewrite changed the first layer's weight gradient, to TrAct's, and nothing else.</summary>
internal static class VerifyCommand
{
    public static Command Create(VerbOutput output)
    {
        var before = new Argument<string>("BEFORE") { Description = "The folder of plain artifacts." };
        var after = new Argument<string>("AFTER") { Description = "The folder of rewritten artifacts." };
        Option<double?> lambda = CommonOptions.Lambda();
        lambda.Description = "The λ that is expected. [default: the recorded one]";
        Option<string?> library = CommonOptions.OrtLibrary();
        var report = new ReportOptions();
        var command = new VerbCommand("verify", "Proves that nothing but the first layer's weight gradient changed, and that it is TrAct's.")
        {
            Examples = [new("verify lenet lenet-tract", "Exit code 0: proved; 1: not; 3: a limit kept something from being tried.")],
        };
        command.Add(before);
        command.Add(after);
        report.AddTo(command);
        command.Add(CommonOptions.TrActHeading, lambda);
        command.Add(CommonOptions.DeviceHeading, library);
        return command.Runs(output, Bind, settings => Run(settings, output));

        VerifySettings Bind(ParseResult parsed) => new()
        {
            Before = ModelPath.Find(parsed.GetValue(before)!),
            After = ModelPath.Find(parsed.GetValue(after)!),
            Lambda = parsed.GetValue(lambda),
            Format = report.Bind(parsed),
            Library = parsed.GetValue(library),
        };
    }

    /// <summary>Nothing is fused in one graph that is not in the other, and a session of many nodes is ready sooner.</summary>
    private static OrtGraphRunner NodeByNode => new() { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL };

    private static int Run(VerifySettings settings, VerbOutput output)
    {
        OrtLibrary.Use(settings.Library);
        VerificationReport report = ArtifactVerification.Run(settings.Before, settings.After, NodeByNode, Lowered, settings.Lambda);
        return ReportOptions.Print(
            output,
            settings.Format,
            $"verify {settings.Before} {settings.After}",
            report,
            () => new { settings.Before, settings.After, report.Holds, report.Checks });
    }

    private static Model Lowered(Model model)
    {
        LoweringPipeline.Apply(model, LoweringTarget.Cpu);
        return model;
    }
}

using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;
using GraphRewrite.Verification;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>equal: whether two models are the same up to names and order, and where they are not.</summary>
internal static class EqualCommand
{
    public static Command Create(VerbOutput output)
    {
        var a = new Argument<string>("A") { Description = "A model file." };
        var b = new Argument<string>("B") { Description = "Another." };
        var report = new ReportOptions();
        var command = new VerbCommand("equal", "Says whether two models are the same up to names and order, node by node.")
        {
            Examples = [new("equal old.onnx new.onnx", "Exit code 0: equal; 1: not, with the differences.")],
        };
        command.Add(a);
        command.Add(b);
        report.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        EqualSettings Bind(ParseResult parsed) => new()
        {
            A = ModelPath.Find(parsed.GetValue(a)!),
            B = ModelPath.Find(parsed.GetValue(b)!),
            Format = report.Bind(parsed),
        };
    }

    private static int Run(EqualSettings settings, VerbOutput output)
    {
        foreach (string path in new[] { settings.A, settings.B })
        {
            if (Directory.Exists(path))
                throw new GraphRewriteException($"{path}: a folder; equal takes two model files, as {Path.Combine(path, "training_model.onnx")}.");
        }
        VerificationReport report = ModelEquality.Compare(OnnxReader.Read(settings.A), OnnxReader.Read(settings.B));
        return ReportOptions.Print(
            output, settings.Format, $"equal {settings.A} {settings.B}", report, () => new { settings.A, settings.B, report.Holds, report.Checks });
    }
}

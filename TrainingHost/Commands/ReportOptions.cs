using System.CommandLine;
using GraphRewrite.Verification;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>--format and --json of the verbs that check something, and the exit code that says how it went.</summary>
internal sealed class ReportOptions
{
    private readonly Option<ReportFormat> format = Choice.Of(
        "--format",
        "How the report is printed; junit and trx are for CI.",
        ("text", ReportFormat.Text), ("json", ReportFormat.Json), ("junit", ReportFormat.JUnit), ("trx", ReportFormat.Trx));

    public void AddTo(VerbCommand command) => command.Add(CommonOptions.OutputHeading, format, CommonSwitches.Json());

    public ReportFormat Bind(ParseResult parsed) => parsed.GetValue(format);

    /// <summary>Prints the report.</summary>
    /// <returns>The exit code: 0 all holds, 1 something does not, 3 a limit kept something from being tried.</returns>
    public static int Print(VerbOutput output, ReportFormat format, string suite, VerificationReport report, Func<object> json)
    {
        if (format == ReportFormat.Json) output.IsJson = true;
        output.Json(json);
        output.Result(format is ReportFormat.JUnit or ReportFormat.Trx ? ReportFormats.Xml(format, suite, report) : $"{report}");
        return report.Holds ? CommandLine.Done : report.IsUndecided ? CommandLine.Undecided : CommandLine.Failed;
    }
}

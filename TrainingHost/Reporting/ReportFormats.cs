using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using GraphRewrite.Verification;
using TrainingHost.Settings;

namespace TrainingHost.Reporting;

/// <summary>A report of checks as test results: each claim is a test. A claim that a limit kept from being tried is skipped.</summary>
internal static class ReportFormats
{
    private static readonly XNamespace Team = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <param name="format">JUnit or Trx.</param>
    /// <param name="suite">What was run: the verb and its operands.</param>
    /// <param name="report">The checks.</param>
    public static string Xml(ReportFormat format, string suite, VerificationReport report)
    {
        XElement root = format == ReportFormat.JUnit ? JUnit(suite, report) : Trx(suite, report);
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{root}";
    }

    private static XElement JUnit(string suite, VerificationReport report)
    {
        int failed = report.Checks.Count(check => check.Differences.Count > 0), skipped = report.Checks.Count(check => check.Limit is not null);
        return new("testsuites", new XElement(
            "testsuite",
            new XAttribute("name", suite),
            new XAttribute("tests", report.Checks.Count),
            new XAttribute("failures", failed),
            new XAttribute("skipped", skipped),
            report.Checks.Select(check => new XElement(
                "testcase",
                new XAttribute("classname", suite),
                new XAttribute("name", check.Claim),
                check.Differences.Count > 0
                    ? new XElement("failure", new XAttribute("message", Clean(check.Differences[0])), Clean(string.Join('\n', check.Differences)))
                    : null,
                check.Limit is { } limit ? new XElement("skipped", new XAttribute("message", Clean(limit))) : null,
                check.Measured.Length > 0 ? new XElement("system-out", Clean(check.Measured)) : null))));
    }

    private static XElement Trx(string suite, VerificationReport report)
    {
        string list = Id($"{suite}/list");
        return new(
            Team + "TestRun",
            new XAttribute("id", Id(suite)),
            new XAttribute("name", suite),
            new XElement(Team + "Results", report.Checks.Select(check => new XElement(
                Team + "UnitTestResult",
                new XAttribute("testId", Id(check.Claim)),
                new XAttribute("executionId", Id($"{check.Claim}/run")),
                new XAttribute("testName", check.Claim),
                new XAttribute("computerName", ""),
                new XAttribute("outcome", check.Holds ? "Passed" : check.Limit is null ? "Failed" : "NotExecuted"),
                new XAttribute("testType", "13cdc9d9-ddb5-4fa4-a97d-d965ccfc6d4b"), // that of unit tests
                new XAttribute("testListId", list),
                new XElement(
                    Team + "Output",
                    check.Measured.Length > 0 ? new XElement(Team + "StdOut", Clean(check.Measured)) : null,
                    check.Holds ? null : new XElement(
                        Team + "ErrorInfo", new XElement(Team + "Message", Clean(check.Limit ?? string.Join('\n', check.Differences)))))))),
            new XElement(Team + "TestDefinitions", report.Checks.Select(check => new XElement(
                Team + "UnitTest",
                new XAttribute("name", check.Claim),
                new XAttribute("storage", suite),
                new XAttribute("id", Id(check.Claim)),
                new XElement(Team + "Execution", new XAttribute("id", Id($"{check.Claim}/run"))),
                new XElement(
                    Team + "TestMethod",
                    new XAttribute("codeBase", suite),
                    new XAttribute("className", suite),
                    new XAttribute("name", check.Claim))))),
            new XElement(Team + "TestEntries", report.Checks.Select(check => new XElement(
                Team + "TestEntry",
                new XAttribute("testId", Id(check.Claim)),
                new XAttribute("executionId", Id($"{check.Claim}/run")),
                new XAttribute("testListId", list)))),
            new XElement(
                Team + "TestLists", new XElement(Team + "TestList", new XAttribute("name", "Results"), new XAttribute("id", list))),
            new XElement(
                Team + "ResultSummary",
                new XAttribute("outcome", report.Holds ? "Completed" : "Failed"),
                new XElement(
                    Team + "Counters",
                    new XAttribute("total", report.Checks.Count),
                    new XAttribute("executed", report.Checks.Count(check => check.Limit is null)),
                    new XAttribute("passed", report.Checks.Count(check => check.Holds)),
                    new XAttribute("failed", report.Checks.Count(check => check.Differences.Count > 0)))));
    }

    /// <summary>The same claim has the same id in every run.</summary>
    private static string Id(string text) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)).ToString("D", CultureInfo.InvariantCulture);

    /// <summary>Names in models may hold characters that XML has no place for.</summary>
    private static string Clean(string text) => string.Concat(text.EnumerateRunes().Select(rune =>
        rune.Value is '\n' or '\t' || (rune.Value >= 0x20 && rune.Value is not (0xFFFE or 0xFFFF)) ? rune.ToString() : "\uFFFD"));
}

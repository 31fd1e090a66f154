using System.Diagnostics;
using System.Text.Json;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>The program as a process of its own: what its outputs hold where they cannot be written, and what shells complete.</summary>
[TestClass]
public sealed class ProcessTests
{
    private static readonly string Assembly = typeof(CommandLine).Assembly.Location;

    [TestMethod]
    public void AFullStandardOutputIsOneLine()
    {
        (int code, string output, string error) = Bash($"dotnet '{Assembly}' ops > /dev/full");
        Assert.AreEqual((74, ""), (code, output));
        Assert.AreEqual("standard output: cannot be written (No space left on device).\n", error);
    }

    [TestMethod]
    public void AReaderThatHasGoneEndsIt()
    {
        (int code, string output, string error) = Bash($"dotnet '{Assembly}' ops | head -n 1; exit ${{PIPESTATUS[0]}}");
        Assert.AreEqual("| operator | gradient | opsets | lowering | shapes |\n", output);
        Assert.IsTrue(code is 0 or 74, $"{code}: {error}");
        Assert.DoesNotContain("   at ", error);
    }

    [TestMethod]
    public void AnErrorOfTheProgramItselfIsOneLineAndAFile()
    {
        var error = new StringWriter { NewLine = "\n" };
        Assert.AreEqual(70, CommandLine.Run(["ops", "--filter", "conv"], new BrokenWriter(), error));
        string line = error.ToString();
        Assert.HasCount(2, line.Split('\n'), line);
        Assert.StartsWith("ops --filter conv: an error of the program itself (InvalidOperationException: broken as the test wants). ", line);
        string file = line.Split(". ")[1].Split(' ')[0];
        string report = File.ReadAllText(file);
        File.Delete(file);
        string[] parts = ["command line: TrainingHost ops --filter conv", "Microsoft.ML.OnnxRuntime", ".NET ", "   at "];
        foreach (string part in parts) Assert.Contains(part, report);
    }

    /// <summary>The bash script, run by bash: it is given the words of a line and leaves what completes the last one.</summary>
    [TestMethod]
    [DataRow("TrainingHost tra", "trace train")]
    [DataRow("TrainingHost inspect --lay", "--layer")]
    [DataRow("TrainingHost train --optimizer a", "adamw")]
    [DataRow("TrainingHost --batch-s", "--batch-size")]
    [DataRow("TrainingHost completion p", "powershell")]
    [DataRow("TrainingHost bench --only T", "TrAct")]
    public void BashCompletes(string line, string expected)
    {
        using var folder = new TemporaryFolder();
        string program = folder.File("TrainingHost");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Assembly}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string script = $"""
            PATH="{folder.Path}:$PATH"
            source <(TrainingHost completion bash)
            COMP_LINE='{line}'; COMP_POINT=${"{#COMP_LINE}"}; COMP_WORDS=({line}); COMP_CWORD=$(({line.Split(' ').Length} - 1))
            _TrainingHost
            complete -p TrainingHost > /dev/null && echo "${"{COMPREPLY[@]}"}"
            """;
        (int code, string output, string error) = Bash(script);
        Assert.AreEqual((0, ""), (code, error));
        Assert.AreEqual(expected, string.Join(' ', output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public void JsonIsOneDocument()
    {
        string model = Path.Combine(TestData.Case("mlp"), "forward.onnx");
        using var folder = new TemporaryFolder();
        string[][] commands =
        [
            ["ops", "--filter", "relu"],
            ["artifacts", model, "-o", folder.File("artifacts")],
            ["gradient", model, "--wrt", "*", "-o", folder.File("gradient.onnx")],
            ["lower", model, "-o", folder.File("step.onnx")],
            ["rewrite", model, "-o", folder.File("rewritten")],
            ["verify", folder.File("artifacts"), folder.File("rewritten")],
            ["export", folder.File("rewritten"), "-o", folder.File("model.onnx")],
            ["inspect", model],
            ["train", model, "--data", "synthetic", "--steps", "1", "--batch-size", "4", "-o", folder.File("run")],
            ["evaluate", folder.File("run"), "--data", "synthetic"],
            ["trace", TestData.Case("mlp"), "--batches", Path.Combine(TestData.Case("mlp"), "truth.onnx"), "-o", folder.File("trace.onnx")],
            ["bench", model, "--rounds", "1", "--batch-size", "4", "--profile"],
        ];
        foreach (string[] command in commands)
        {
            using var document = JsonDocument.Parse(Verb.Run([.. command, "--json"]));
            JsonElement first = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement[0] : document.RootElement;
            foreach (string name in first.EnumerateObject().Select(property => property.Name))
                Assert.AreEqual(name.ToLowerInvariant(), name, command[0]);
        }
    }

    private static (int Code, string Output, string Error) Bash(string script)
    {
        if (!File.Exists("/bin/bash") || !File.Exists("/dev/full")) Skipped.Because("needs bash, and /dev/full to stand for a full disk");
        var start = new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new InvalidOperationException("broken as the test wants");
    }
}

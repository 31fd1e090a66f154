using TrainingHost.Commands;

namespace TrActOnnx.Tests.Settings;

/// <summary>
/// A number out of its range, by the verb that it is given to: exit code 2 and the same line for all verbs, before anything is opened.
/// </summary>
[TestClass]
public sealed class RangesTests
{
    private static readonly string[] Model = ["MODEL"],
        Train = ["train", "--model", "MODEL", "--output", "OUT"], Lower = ["lower", .. Model, "--output", "OUT"];
    private static readonly string[] Bench = ["bench", .. Model], Trace = ["trace", .. Model, "--batches", "NONE", "--output", "OUT"];
    private static readonly string[] Rewrite = ["rewrite", .. Model, "--output", "OUT"], Verify = ["verify", .. Model, .. Model];

    public static IEnumerable<object[]> Rows
    {
        get
        {
            string[][] optimizing = [Train, Lower, Bench, Trace];
            (string[][] Verbs, string Option, string[] Values, string Range)[] rows =
            [
                ([Train, Lower, Bench], "--batch-size", ["0", "-3"], "must be at least 1."),
                ([Train], "--epochs", ["0"], "must be at least 1."),
                ([Train], "--steps", ["0", "-1"], "must be at least 1."),
                ([Train], "--accumulate", ["0"], "must be at least 1."),
                ([Bench], "--rounds", ["0"], "must be at least 1."),
                ([Bench], "--processes", ["0", "-1"], "must be at least 1."),
                ([Train, Bench, Trace], "--threads", ["0"], "must be at least 1."),
                (optimizing, "--lr", ["-0.1", "NaN", "Infinity"], "must be a finite number, 0 or above."),
                (optimizing, "--momentum", ["-1", "1", "NaN"], "must be 0 or above, and below 1."),
                (optimizing, "--weight-decay", ["-1", "NaN"], "must be a finite number, 0 or above."),
                (optimizing, "--epsilon", ["-1"], "must be a finite number, 0 or above."),
                (optimizing, "--clip-norm", ["-1"], "must be a finite number, 0 or above."),
                (optimizing, "--clip-norm", ["0"], "must be above 0."),
                ([Train, Trace, Rewrite, Verify], "--lambda", ["0", "-1", "NaN", "Infinity"],
                    "λ must be a positive finite number; 0.1 is the usual one."),
            ];
            return from row in rows
                   from verb in row.Verbs
                   from value in row.Values
                   select new object[] { verb, row.Option, value, $"{row.Option} {value}: {row.Range}" };
        }
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void AreCheckedBeforeAnythingIsOpened(string[] verb, string option, string value, string message)
    {
        using var folder = new TemporaryFolder();
        // An empty file: no model, so that whoever opens it says something else.
        string model = folder.File("model.onnx"), output = folder.File("out");
        File.WriteAllText(model, "");
        var error = new StringWriter { NewLine = "\n" };
        string[] args = [.. verb.Select(word => word == "MODEL" ? model : word == "OUT" ? output : word), option, value];
        Assert.AreEqual(2, CommandLine.Run(args, TextWriter.Null, error));
        Assert.AreEqual($"{message}\n", error.ToString());
        Assert.IsFalse(Path.Exists(output));
    }
}

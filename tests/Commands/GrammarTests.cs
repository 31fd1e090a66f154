using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>How a command line is read: models by name, words that are probably meant, values as people know them; refusals are one line.</summary>
[TestClass]
[DoNotParallelize] // the working directory is the process's
public sealed class GrammarTests
{
    private static readonly string Mlp = TestData.Case("mlp");

    [TestMethod]
    [DataRow("'trian' is no verb; did you mean train? See --help.", "trian")]
    [DataRow("'inpsect' is no verb; did you mean inspect? See --help.", "inpsect", "MODEL")]
    [DataRow("train has no option --batchsize; did you mean --batch-size? See train --help.", "train", "MODEL", "--batchsize", "8")]
    [DataRow("train has no option --learning-rate; did you mean --lr? See train --help.", "train", "--learning-rate", "0.1", "MODEL")]
    [DataRow("train has no option --epoch; did you mean --epochs? See train --help.", "--model", "MODEL", "--epoch", "3")]
    [DataRow("train has no option --modle; did you mean --model? See train --help.", "--modle", "MODEL")]
    [DataRow("train has no option --epoch=3; did you mean --epochs? See train --help.", "train", "MODEL", "--epoch=3")]
    [DataRow("train has no option --no-colour; did you mean --no-color? See train --help.", "train", "MODEL", "--no-colour")]
    [DataRow("bench has no option --zzz. See bench --help.", "bench", "MODEL", "--zzz")]
    [DataRow("'two': bench takes no such argument. See bench --help.", "bench", "MODEL", "two")]
    public void WhatWasProbablyMeant(string message, params string[] args) => Refused(message, args);

    [TestMethod]
    [DataRow("--lr abc: must be a number. See train --help.", "train", "MODEL", "--lr=abc")]
    [DataRow("--epochs many: must be a whole number, at most 2,147,483,647. See train --help.", "train", "MODEL", "--epochs", "many")]
    [DataRow("--epochs 99999999999: must be a whole number, at most 2,147,483,647. See train --help.", "train", "MODEL", "--epochs", "99999999999")]
    [DataRow("--device tpu: there are cpu and cuda. See train --help.", "train", "MODEL", "--device", "tpu")]
    [DataRow("--only nosuch: there are plain, TrAct and forward. See bench --help.", "bench", "MODEL", "--only", "nosuch")]
    [DataRow("--bn no: there are train and frozen. See inspect --help.", "inspect", "MODEL", "--bn", "no")]
    [DataRow("-o '': is empty.", "train", "MODEL", "-o", "")]
    [DataRow("-o '': is empty.", "rewrite", "MODEL", "-o", "")]
    [DataRow("-o '': is empty.", "artifacts", "MODEL", "-o", "")]
    [DataRow("--output '': is empty.", "export", "MODEL", "--output", "")]
    [DataRow("--output: needs a value. See lower --help.", "lower", "MODEL", "--output=")]
    [DataRow("-o '': is empty.", "gradient", "MODEL", "--wrt", "*", "-o", "")]
    [DataRow("--batches '': is empty.", "trace", "MODEL", "--batches", "", "-o", "t.onnx")]
    [DataRow("--device '': is empty.", "bench", "MODEL", "--device", "")]
    [DataRow("MODEL '': is empty.", "bench", "")]
    [DataRow("--no-tract: does not go with --lambda 1, which is TrAct's.", "train", "MODEL", "--no-tract", "--lambda", "1")]
    [DataRow("--no-tract: does not go with --layer fc1, which says where TrAct goes.", "train", "MODEL", "--no-tract", "--layer", "fc1")]
    [DataRow("--momentum 2: must be 0 or above, and below 1.", "train", "MODEL", "--optimizer", "sgd", "--momentum", "2")]
    [DataRow("--quiet: does not go with --verbose.", "-q", "-v", "inspect", "MODEL")]
    public void ValuesThatAreNone(string message, params string[] args) => Refused(message, args);

    [TestMethod]
    [DataRow("--device", "CPU")]
    [DataRow("--loss", "Cross-Entropy")]
    [DataRow("--optimizer", "SGD")]
    [DataRow("--decay", "ALL")]
    [DataRow("--bn", "Frozen")]
    public void NamesGoInWhateverCase(string option, string value)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(Mlp, "forward.onnx");
        Verb.Run("lower", model, option, value, "--output", folder.File("step.onnx"));
    }

    [TestMethod]
    [DataRow("--on-corrupt", "Skip")]
    public void NamesOfTrain(string option, string value)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(Mlp, "forward.onnx");
        string[] quick = ["--data", "synthetic", "--steps", "1", "--batch-size", "4", "--output", folder.File("run")];
        Verb.Run(["train", model, option, value, .. quick]);
    }

    [TestMethod]
    public void NoSuchModelListsThoseThatThereAre() => Inside("models", folder =>
    {
        Directory.CreateDirectory(Path.Combine(folder, "lenet"));
        File.WriteAllText(Path.Combine(folder, "README.md"), "");
        File.WriteAllText(Path.Combine(folder, "vit.onnx"), "");
        const string none = "no such file or folder, nor is there one of that name in models/.", all = "models/ has lenet, vit.onnx.";
        Refused($"vt: {none} Did you mean vit.onnx? {all}", ["train", "vt"]);
        Refused($"nowhere: {none} {all}", ["inspect", "--model", "nowhere"]);
        Refused("train: which model? models/ has lenet, vit.onnx. Any forward .onnx or folder of training artifacts will do.", []);
        Refused("--model a: b is given as MODEL already.", ["bench", "b", "--model", "a"]);
    });

    /// <summary>The same model by each of its names; ./NAME.onnx as NAME, too.</summary>
    [TestMethod]
    public void AModelByItsName() => Inside("models", folder =>
    {
        File.Copy(Path.Combine(Mlp, "forward.onnx"), Path.Combine(folder, "net.onnx"));
        string expected = Verb.Run("inspect", Path.Combine("models", "net.onnx"));
        foreach (string[] model in new string[][] { ["net"], ["net.onnx"], ["models/net"], ["--model", "net"], ["--model=net.onnx"] })
            Assert.AreEqual(expected, Verb.Run(["inspect", .. model]), string.Join(' ', model));
        string[] rest = ["--data", "synthetic", "--steps", "1", "--batch-size", "4"];
        foreach (string[] model in new string[][] { ["train", "net"], ["net"], ["--model", "net"], ["-q", "net"], ["train", "--model", "net.onnx"] })
            Verb.Run([.. model, .. rest, "--output", Path.Combine(folder, string.Concat(model))]);
    });

    [TestMethod]
    public void QuietLeavesTheResults()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(Mlp, "forward.onnx"), run = folder.File("run");
        string said = Verb.Run("train", model, "--data", "synthetic", "--steps", "1", "--batch-size", "4", "-o", run, "-q");
        string[] lines = said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(2, lines, said);
        Assert.StartsWith("Training loss ", lines[0]);
        Assert.StartsWith($"Written to {run}: ", lines[1]);
    }

    [TestMethod]
    public void VerboseSaysWhatItRunsOnAndHowLongItTook()
    {
        string[] lines = Verb.Run("ops", "--filter", "elu", "-v").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("TrainingHost ", lines[0]);
        Assert.StartsWith("Took ", lines[^1]);
    }

    [TestMethod]
    public void VerifyNamesNoLambdaWhereThereIsNone()
    {
        var output = new StringWriter();
        Assert.AreEqual(1, CommandLine.Run(["verify", Mlp, Mlp], output, TextWriter.Null));
        Assert.Contains("FAILS  λ in the graph is the recorded one", output.ToString());
        Assert.DoesNotContain("(λ = )", output.ToString());
    }

    [TestMethod]
    public void HelpIsAVerb()
    {
        Assert.AreEqual(Verb.Run("bench", "--help"), Verb.Run("help", "bench"));
        Assert.AreEqual(Verb.Run("--help"), Verb.Run("help"));
    }

    [TestMethod]
    public void MoreThreadsThanProcessorsAreWarnedOf()
    {
        int threads = Environment.ProcessorCount + 1;
        string[] quick = ["--rounds", "1", "--batch-size", "4", "--only", "forward"];
        string said = Verb.Run(["bench", Path.Combine(Mlp, "forward.onnx"), "--threads", $"{threads}", .. quick]);
        Assert.StartsWith($"warning: --threads {threads}: this machine has {Environment.ProcessorCount}", said);
    }

    private static void Refused(string message, string[] args)
    {
        var error = new StringWriter { NewLine = "\n" };
        Assert.AreEqual(2, CommandLine.Run([.. args.Select(word => word == "MODEL" ? Mlp : word)], TextWriter.Null, error));
        Assert.AreEqual($"{message}\n", error.ToString());
    }

    /// <summary>With a working directory of the test's own, and a folder in it.</summary>
    private static void Inside(string name, Action<string> test)
    {
        using var folder = new TemporaryFolder();
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.Path;
        try
        {
            test(Directory.CreateDirectory(folder.File(name)).FullName);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }
}

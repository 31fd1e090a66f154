using System.Diagnostics;
using GraphRewrite.Artifacts;
using GraphRewrite.Serialization;
using GraphRewrite.TrAct;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>
/// --output of every verb: it replaces no device, no pipe, no folder and no input of the same command, by whatever name; of a link it writes the
/// target.
/// </summary>
[TestClass]
public sealed class OutputTests
{
    private const string Reads = "reads. Give another file for the output.";
    private const string IsRead = "is read by the same command. Give another file for the output.";
    private const string ItsFolder = "is the folder that was read. Give another for the output, so that the originals stay.";

    /// <summary>D is a folder of artifacts with its forward.onnx; LINK leads to D; HARD is another name of D/training_model.onnx.</summary>
    [TestMethod]
    [DataRow(ItsFolder, "rewrite", "D", "--output", "D")]
    [DataRow(ItsFolder, "rewrite", "D", "--output", "LINK")]
    [DataRow(ItsFolder, "rewrite", "LINK", "--output", "D/../d")]
    [DataRow(IsRead, "lower", "D", "--output", "D/training_model.onnx")]
    [DataRow(Reads, "lower", "D", "--output", "LINK/training_model.onnx")]
    [DataRow(Reads, "lower", "D", "--output", "HARD")]
    [DataRow(IsRead, "lower", "D", "--output", "D/checkpoint")]
    [DataRow(IsRead, "gradient", "D/forward.onnx", "--wrt", "*", "--output", "D/forward.onnx")]
    [DataRow(Reads, "gradient", "D/forward.onnx", "--wrt", "*", "--output", "LINK/forward.onnx")]
    [DataRow(IsRead, "trace", "D", "--batches", "D/truth.onnx", "--output", "D/truth.onnx")]
    [DataRow(ItsFolder, "artifacts", "D/forward.onnx", "--output", "D")]
    [DataRow(IsRead, "export", "D", "--output", "D/training_model.onnx")]
    [DataRow(ItsFolder, "train", "--model", "D/forward.onnx", "--data", "synthetic", "--steps", "1", "--output", "D")]
    public void IsNoInput(string message, params string[] args)
    {
        using TemporaryFolder top = new(), outside = new();
        Stage(top, outside);
        Dictionary<string, byte[]> before = Contents(top.Path);
        StringAssert.EndsWith(Refused(top, args), message);
        AssertSame(before, Contents(top.Path));
    }

    [TestMethod]
    [DataRow("is a device, which no output replaces. Give a file.", "lower", "D", "--output", "/dev/null")]
    [DataRow("is a device, which no output replaces. Give a file.", "rewrite", "D", "--output", "/dev/null")]
    [DataRow("is a pipe, which no output replaces. Give a file.", "export", "D", "--output", "PIPE")]
    [DataRow("is a folder. Give a file.", "export", "D", "--output", "D")]
    [DataRow("is a file. Give a folder.", "rewrite", "D", "--output", "D/forward.onnx")]
    [DataRow("is a file. Give a folder.", "train", "D/forward.onnx", "--data", "synthetic", "--steps", "1", "--output", "D/truth.onnx")]
    public void IsOfTheRightKind(string message, params string[] args)
    {
        using TemporaryFolder top = new(), outside = new();
        Stage(top, outside);
        StringAssert.EndsWith(Refused(top, args), message);
        Assert.IsFalse(File.Exists("/dev/null.init.onnx"));
        Assert.AreEqual(FileKind.Device, FileIdentity.Of("/dev/null")!.Value.Kind);
    }

    /// <summary>External data is an input as the model is.</summary>
    [TestMethod]
    public void IsNoDataOfTheModel()
    {
        using var top = new TemporaryFolder();
        string model = top.File("m.onnx"), data = top.File("m.onnx.data");
        OnnxWriter.Write(OnnxReader.Read(Path.Combine(TestData.Case("mlp"), "forward.onnx")), model, externalData: true);
        byte[] before = File.ReadAllBytes(data);
        Assert.AreEqual($"{data}: {IsRead}", Refused(top, ["gradient", model, "--wrt", "*", "--output", data]));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(data));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void TheTargetOfALinkIsWritten(bool exists)
    {
        using TemporaryFolder top = new(), outside = new();
        string target = outside.File("target.onnx"), link = top.File("link.onnx"), second = top.File("second.onnx"), plain = top.File("plain.onnx");
        if (exists) File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);
        File.CreateSymbolicLink(second, "link.onnx");
        Verb.Run("export", TestData.Case("mlp"), "--output", plain);
        Verb.Run("export", TestData.Case("mlp"), "--output", second);
        Assert.AreEqual(target, new FileInfo(link).LinkTarget);
        Assert.AreEqual("link.onnx", new FileInfo(second).LinkTarget);
        CollectionAssert.AreEqual(File.ReadAllBytes(plain), File.ReadAllBytes(target));
        Assert.HasCount(1, Directory.GetFileSystemEntries(outside.Path), "nothing is left beside the target");
        Assert.HasCount(3, Directory.GetFileSystemEntries(top.Path));
    }

    /// <summary>What a user of the library writes first: the rewrite, and the files.</summary>
    [TestMethod]
    public void ARewrittenTrainingGraphIsWrittenAsItIs()
    {
        using TemporaryFolder natural = new(), verb = new();
        var artifacts = TrainingArtifacts.Read(TestData.Case("lenet"));
        TrActRewrite.Apply(
            artifacts.Training.Model, new() { UserInputs = artifacts.Training.UserInputs, Trainable = artifacts.Training.Trainable });
        ArtifactFolder.WriteRewritten(artifacts, natural.Path);
        ArtifactFolder.Write(artifacts, natural.File("whole"));
        Verb.Run("rewrite", TestData.Case("lenet"), "--output", verb.Path);
        byte[] expected = File.ReadAllBytes(verb.File("training_model.onnx"));
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(natural.File("training_model.onnx")));
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(natural.File("whole/training_model.onnx")));
    }

    private static void Stage(TemporaryFolder top, TemporaryFolder outside)
    {
        if (!OperatingSystem.IsLinux()) Skipped.Because("needs Linux, for links, pipes and devices");
        string folder = Directory.CreateDirectory(top.File("d")).FullName;
        foreach (string file in Directory.EnumerateFiles(TestData.Case("mlp"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        File.CreateSymbolicLink(outside.File("link"), folder);
        File.CreateSymbolicLink(top.File("link"), outside.File("link"));
        Process.Start("ln", [Path.Combine(folder, "training_model.onnx"), top.File("hard")]).WaitForExit();
        Process.Start("mkfifo", [top.File("pipe")]).WaitForExit();
    }

    private static string Refused(TemporaryFolder top, string[] args)
    {
        var error = new StringWriter { NewLine = "\n" };
        string[] placed = [.. args.Select(word => word.Split('/')[0] switch
        {
            "D" => top.File("d") + word[1..],
            "LINK" => top.File("link") + word[4..],
            "HARD" => top.File("hard"),
            "PIPE" => top.File("pipe"),
            _ => word,
        })];
        Assert.AreEqual(2, CommandLine.Run(placed, TextWriter.Null, error), $"{string.Join(' ', args)}: {error}");
        return error.ToString().TrimEnd('\n');
    }

    private static Dictionary<string, byte[]> Contents(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => FileIdentity.Of(file)!.Value.Kind == FileKind.File).ToDictionary(file => file, File.ReadAllBytes);

    private static void AssertSame(Dictionary<string, byte[]> before, Dictionary<string, byte[]> after)
    {
        CollectionAssert.AreEquivalent(before.Keys, after.Keys);
        foreach ((string file, byte[] bytes) in before) CollectionAssert.AreEqual(bytes, after[file], file);
    }
}

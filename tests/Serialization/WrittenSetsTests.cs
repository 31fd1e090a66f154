using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Serialization;

/// <summary>Every set of files that the verbs write is the old or the new one, whatever happens at whichever operation.</summary>
[TestClass]
public sealed class WrittenSetsTests
{
    [TestMethod]
    [DataRow(Fault.Once)]
    [DataRow(Fault.FullDisk)]
    [DataRow(Fault.Kill)]
    public void Artifacts(Fault fault)
    {
        TrainingArtifacts old = TrainingArtifacts.Read(TestData.Case("mlp_sgd")), now = TrainingArtifacts.Read(TestData.Case("mlp"));
        Replaces(4, fault, folder => ArtifactFolder.Write(old, folder), folder => ArtifactFolder.Write(now, folder));
    }

    [TestMethod]
    [DataRow(Fault.Once)]
    [DataRow(Fault.FullDisk)]
    [DataRow(Fault.Kill)]
    public void Rewritten(Fault fault)
    {
        string[] names = ["mlp_sgd", "mlp"];
        TrainingArtifacts[] read = [.. names.Select(name => TrainingArtifacts.Read(TestData.Case(name)))];
        Replaces(4, fault, folder => ArtifactFolder.WriteRewritten(read[0], folder), folder => ArtifactFolder.WriteRewritten(read[1], folder));
    }

    [TestMethod]
    [DataRow(Fault.Once)]
    [DataRow(Fault.FullDisk)]
    [DataRow(Fault.Kill)]
    public void Lowered(Fault fault) => AssertMany(2, FileFaults.AtEveryOperation(
        fault,
        folder => Verb.Run("lower", TestData.Case("mlp_sgd"), "--output", Path.Combine(folder, "step.onnx")),
        folder => Says("lower", TestData.Case("binary_bce"), "--output", Path.Combine(folder, "step.onnx"))), fault);

    [TestMethod]
    [DataRow(Fault.Once)]
    [DataRow(Fault.FullDisk)]
    [DataRow(Fault.Kill)]
    public void ExportedWithExternalData(Fault fault) => AssertMany(2, FileFaults.AtEveryOperation(
        fault,
        folder => Verb.Run("export", TestData.Case("mlp_sgd"), "--external-data", "--output", Path.Combine(folder, "m.onnx")),
        folder => Says("export", TestData.Case("mlp"), "--external-data", "--output", Path.Combine(folder, "m.onnx"))), fault);

    /// <summary>External data in a folder below, written as it was read; the old model has none.</summary>
    [TestMethod]
    [DataRow(Fault.Once)]
    [DataRow(Fault.FullDisk)]
    [DataRow(Fault.Kill)]
    public void ExternalDataBelow(Fault fault)
    {
        using var source = new TemporaryFolder();
        string file = source.File("m.onnx");
        OnnxWriter.Write(OnnxReader.Read(Path.Combine(TestData.Case("mlp"), "forward.onnx")), file, externalData: true);
        Directory.CreateDirectory(source.File("data"));
        File.Move(file + ".data", source.File("data/a.data"));
        File.WriteAllBytes(file, Renamed(File.ReadAllBytes(file), "m.onnx.data", "data/a.data"));
        Model old = OnnxReader.Read(Path.Combine(TestData.Case("mlp_sgd"), "forward.onnx")), now = OnnxReader.Read(file);
        Replaces(2, fault, Write(old), Write(now));

        static Action<string> Write(Model model) => folder => OnnxWriter.Write(model, Path.Combine(folder, "m.onnx"));
    }

    /// <summary>A set of so many files, where one was written before; what fails throws.</summary>
    private static void Replaces(int files, Fault fault, Action<string> old, Action<string> now) => AssertMany(
        files,
        FileFaults.AtEveryOperation(fault, old, folder =>
        {
            now(folder);
            return true;
        }),
        fault);

    /// <summary>A message is searched for a text of the same length as another.</summary>
    private static byte[] Renamed(byte[] bytes, string from, string to)
    {
        Assert.AreEqual(from.Length, to.Length);
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(from), other = System.Text.Encoding.UTF8.GetBytes(to);
        for (int at; (at = bytes.AsSpan().IndexOf(wanted)) >= 0;) other.CopyTo(bytes, at);
        return bytes;
    }

    private static bool Says(params string[] args) => CommandLine.Run(args, TextWriter.Null, TextWriter.Null) == 0;

    /// <summary>Each file is created, written, flushed and renamed; the journal too.</summary>
    private static void AssertMany(int files, int operations, Fault fault) =>
        Assert.IsGreaterThanOrEqualTo((fault == Fault.FullDisk ? 3 : 4) * (files + 1) - 1, operations);
}

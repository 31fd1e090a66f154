using Conformance;
using TrActOnnx.Tests;
using TrActOnnx.Tests.Peers;

// dotnet run --project tools/conformance -c Release [-- CASE …] > docs/conformance.md
if (!OrtTrainingNode.IsAvailable)
{
    Console.Error.WriteLine("conformance: needs Node and `npm ci` in tools/ort-training-node.");
    return 2;
}
string[] names = args.Length > 0 ? args
    : [.. Directory.EnumerateDirectories(TestData.Cases).Where(folder => File.Exists(Path.Combine(folder, "truth.onnx")))
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
Console.WriteLine("""
    # The same artifacts on two runtimes

    What `dotnet run --project tools/conformance -c Release > docs/conformance.md` prints: each case of `tests/cases` as artifacts that 1.19.2's generator
    made and as those that `artifacts` makes of the forward model, each plain and with TrAct by `rewrite`, trained on the genuine ONNX Runtime Training
    1.19.2 (its WebAssembly build in Node) and here on a stock ONNX Runtime.

    Losses are held against float64 PyTorch (largest relative deviation of all steps), parameters after the last step too, and between the two runtimes
    after each step (against the tensor's largest entry, or all the way that it can have moved). AdamW moves an entry by lr · m/√v: one whose gradient is
    below a thousandth of the model's largest has too few digits in float32 to move by, and is left out. The last column: a checkpoint of ours after the
    first step goes on there, and its losses are held against ours. The way back is part of every row of 1.19.2's artifacts, whose checkpoint is read here;
    of its trained state that build gives the parameters only, which are compared. A letter is a reason, below.

    resnet18_w8 (AdamW or not) has, mobilenet with TrAct seems to have near-ties, of max-pooling or at the bend of a ReLU, which fall either way by
    the last bit of a float: from there on a run goes its own way, on 1.19.2 as here, and its figures tell how far, not how exact.

    | case | artifacts | 1.19.2: losses | parameters | here: losses | parameters | 1.19.2 against here, each step | our checkpoint there |
    | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    """);
var reasons = new Reasons();
foreach (string name in names)
{
    var reference = ReferenceCase.Read(name);
    foreach (ArtifactsKind kind in Enum.GetValues<ArtifactsKind>())
    {
        Console.Error.WriteLine($"{name}, {kind}");
        Console.WriteLine($"| {name} | {Row.Title(kind)} | {string.Join(" | ", new Row(reference, kind, reasons).Cells())} |");
    }
}
Console.WriteLine();
foreach (string line in reasons.Lines) Console.WriteLine(line);
return 0;

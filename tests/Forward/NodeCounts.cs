using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Gradients;
using TrActOnnx.Tests.Traces;

namespace TrActOnnx.Tests.Forward;

/// <summary>
/// The backward nodes of a case's training graph, as ONNX Runtime Training 1.19.2 made it and as it is made here: all that the loss does not need.
/// Accumulators, one a parameter in both, and Identity, which costs and computes nothing, are not counted.
/// </summary>
internal sealed record NodeCounts(string Case, int Genuine, int Ours)
{
    private static readonly OpId[] NotCounted = ["com.microsoft::InPlaceAccumulatorV2", "Identity"];

    public double Ratio => Ours / (double)Genuine;

    /// <summary>The cases that 1.19.2 made artifacts for.</summary>
    public static IEnumerable<string> Cases =>
        Directory.GetDirectories(TestData.Cases).Where(folder => File.Exists(Path.Combine(folder, "training_model.onnx")))
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    public static NodeCounts Of(string name)
    {
        using var folder = new TemporaryFolder();
        Verb.Run(
            ["artifacts", Path.Combine(TestData.Case(name), "forward.onnx"), "--output", folder.File(name),
                .. ReferenceCase.Read(name).LossAndFrozen]);
        return new(name, Backward(TestData.Case(name)), Backward(folder.File(name)));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"| {Case} | {Genuine} | {Ours} | {Ratio:f2} |");

    /// <summary>The loss is a training graph's first output.</summary>
    private static int Backward(string artifacts)
    {
        Graph graph = OnnxReader.Read(Path.Combine(artifacts, "training_model.onnx")).Graph;
        HashSet<Node> forward = Upstream.Of(graph.Outputs[0]);
        return graph.Nodes.Count(node => !forward.Contains(node) && !NotCounted.Contains(node.Op));
    }
}

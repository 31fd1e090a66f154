using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Opsets;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Genuine training graphs: after upgrade and lowering only the accumulators, which the step graph makes explicit, have no kernel.</summary>
[TestClass]
public sealed class ArtifactLoweringTests
{
    public static IEnumerable<object[]> Artifacts => Directory.EnumerateFiles(TestData.Cases, "training_model.onnx", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetRelativePath(TestData.Cases, path) });

    [TestMethod]
    [DynamicData(nameof(Artifacts))]
    public void OnlyTheAccumulatorsRemain(string name)
    {
        foreach (LoweringTarget target in new[] { LoweringTarget.Cpu, new LoweringTarget { Device = ExecutionDevice.Cuda } })
        {
            Graph graph = OnnxReader.Read(Path.Combine(TestData.Cases, name)).Graph;
            UpgradeOpset.Apply(graph);
            ShapeInference.Apply(graph);
            LowerTrainingOps.Apply(graph, target);
            foreach (Node accumulator in graph.Nodes.Where(node => node.Op == "com.microsoft::InPlaceAccumulatorV2").ToArray())
            {
                graph.MarkOutput(accumulator.In(1));
                graph.UnmarkOutput(accumulator.Out(0));
                graph.Remove(accumulator);
            }
            CheckStockOps.Apply(graph, target);
        }
    }
}

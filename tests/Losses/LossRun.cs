using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Lowering;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Losses;

/// <summary>A loss and its gradient by the prediction.</summary>
internal sealed record LossNumbers(double Loss, double[] DX);

/// <summary>A loss on a prediction that is fed, with its gradient graph, lowered and run by ONNX Runtime.</summary>
internal static class LossRun
{
    /// <summary>float32's rounding over the few hundred terms of a test's loss.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>Holds value and gradient against the expected ones: with all extents known, with any batch size, and with no extent known.</summary>
    public static void Holds(LossNumbers expected, Loss loss, Tensor x, Tensor labels)
    {
        foreach (int symbols in new[] { 0, 1, x.Dims.Count })
        {
            LossNumbers actual = Of(loss, x, labels, symbols);
            string what = $"{loss}, {symbols} symbolic axes";
            Assert.AreEqual(expected.Loss, actual.Loss, Tolerance * Math.Abs(expected.Loss), $"{what}: value");
            Assert.HasCount(expected.DX.Length, actual.DX);
            double bound = Tolerance * expected.DX.Max(Math.Abs);
            for (int i = 0; i < expected.DX.Length; i++) Assert.AreEqual(expected.DX[i], actual.DX[i], bound, $"{what}: gradient {i}");
        }
    }

    private static LossNumbers Of(Loss loss, Tensor x, Tensor labels, int symbols)
    {
        var graph = new Graph("loss", new Dictionary<string, long> { [OpId.Onnx] = UpgradeOpset.Target, [OpId.Microsoft] = 1 });
        Shape shape = new([.. x.Dims.Select((extent, axis) => axis < symbols ? Dim.Symbol($"d{axis}") : (Dim)extent)]);
        Value prediction = graph.AddInput("x", x.Type, shape);
        (_, Value value) = loss.Append(graph, prediction);
        ShapeInference.Apply(graph);
        graph.MarkOutput(ReverseMode.AppendGradients(graph, value, [prediction])[prediction]);
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
        RemoveUnusedNodes.Apply(graph);
        TopologicalSort.Apply(graph);

        var feeds = new Dictionary<string, Tensor> { ["x"] = x, ["labels"] = labels };
        IReadOnlyDictionary<string, Tensor> outputs = new OrtGraphRunner().Run(new Model(graph), feeds);
        return new(outputs["loss"].ToDouble().Single(), outputs[GradientNames.Of("x")].ToDouble());
    }
}

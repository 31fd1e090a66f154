using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Passes;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Runs a single training node, lowered, on ONNX Runtime; gives the float64 gradients to hold it against.</summary>
internal static class LoweringCheck
{
    /// <summary>The outputs y0, y1, … of the lowered node.</summary>
    public static IReadOnlyDictionary<string, Tensor> Run(OneNodeModel model, LoweringTarget? target = null)
    {
        ShapeInference.Apply(model.Graph);
        LowerTrainingOps.Apply(model.Graph, target ?? LoweringTarget.Cpu);
        RemoveUnusedNodes.Apply(model.Graph);
        CheckStockOps.Apply(model.Graph, target ?? LoweringTarget.Cpu);
        return new OrtGraphRunner().Run(model.Model, model.Feeds);
    }

    /// <summary>Runs it with all shapes known and with symbolic first dimensions; both must give the expected outputs.</summary>
    public static void Agrees(OpId op, Arg?[] inputs, Array64?[] expected, params (string, object)[] attributes)
    {
        foreach (bool symbolic in new[] { false, true })
            foreach (LoweringTarget target in new[] { LoweringTarget.Cpu, new LoweringTarget { Device = ExecutionDevice.Cuda } })
            {
                var model = OneNodeModel.Of(op, 21, inputs, expected.Length, attributes, symbolic);
                Near(expected, Run(model, target), $"{op} symbolic={symbolic} {target.Device}");
            }
    }

    /// <summary>1e-5 of the largest entry: float32 sums of some hundred terms stay well below.</summary>
    public static void Near(Array64?[] expected, IReadOnlyDictionary<string, Tensor> actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] is not { } e) continue;
            Tensor a = actual[$"y{i}"];
            CollectionAssert.AreEqual(e.Dims, a.Dims.ToArray(), $"{what}: shape of y{i}");
            double bound = 1e-5 * e.Data.Select(Math.Abs).DefaultIfEmpty().Max();
            double[] values = a.ToDouble();
            for (int k = 0; k < values.Length; k++) Assert.AreEqual(e.Data[k], values[k], bound, $"{what}: y{i}[{k}]");
        }
    }

    /// <summary>d Σ dY ⊙ f(x) / dx by central differences in float64.</summary>
    public static Array64 Gradient(Func<Array64, Array64> f, Array64 x, Array64 dY)
    {
        const double Step = 1e-5; // truncation 1e-10, rounding 1e-11
        Array64 gradient = Array64.Zeros(x.Dims);
        for (int i = 0; i < x.Data.Length; i++) gradient.Data[i] = (Objective(i, Step) - Objective(i, -Step)) / (2 * Step);
        return gradient;

        double Objective(int at, double step)
        {
            double[] moved = [.. x.Data];
            moved[at] += step;
            return (dY * f(new(x.Dims, moved))).Data.Sum();
        }
    }
}

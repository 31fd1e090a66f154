using System.Diagnostics;
using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using Microsoft.ML.OnnxRuntime;
using TrainingHost.Runtime;

namespace TrainingHost.Benchmarks;

/// <summary>What the runtime does on this machine at best: a product of large matrices, a sum of vectors that no cache holds.</summary>
/// <param name="GigaflopsPerSecond">Of MatMul, [1024, 1024] by [1024, 1024].</param>
/// <param name="GigabytesPerSecond">Of Add over 2 · 64 MB, what it reads and writes.</param>
internal sealed record MachineRates(double GigaflopsPerSecond, double GigabytesPerSecond)
{
    private const int Runs = 10, Side = 1024, Length = 16 << 20;

    public static MachineRates Measure(Device device)
    {
        double product = Fastest(device, "MatMul", [Side, Side]), sum = Fastest(device, "Add", [Length]);
        return new(2.0 * Side * Side * Side / product / 1e9, 3.0 * sizeof(float) * Length / sum / 1e9);
    }

    /// <summary>
    /// How much of a step its products would take at that rate, and the bytes that all else moves; what is left is neither (below 0: caches held what
    /// it moved).
    /// </summary>
    public string Bound(IReadOnlyList<OperatorProfile> profile)
    {
        ILookup<bool, OperatorProfile> isProduct = profile.ToLookup(p => p.Gigaflops > 0);
        double products = isProduct[true].Sum(p => p.Milliseconds), rest = isProduct[false].Sum(p => p.Milliseconds);
        double productsAtBest = isProduct[true].Sum(p => p.Gigaflops) / GigaflopsPerSecond * 1e3;
        double restAtBest = isProduct[false].Sum(p => p.Megabytes) / GigabytesPerSecond;
        return string.Create(CultureInfo.InvariantCulture, $"""
            All {products + rest:F1} ms. Products {products:F1} ms; at the {GigaflopsPerSecond:F0} GFLOP/s of a large MatMul {productsAtBest:F1} ms.
            All else {rest:F1} ms; at the {GigabytesPerSecond:F1} GB/s of a large Add {restAtBest:F1} ms.
            Neither: {products + rest - productsAtBest - restAtBest:F1} ms.
            """);
    }

    private static double Fastest(Device device, string operation, long[] dims)
    {
        var graph = new Graph("rates", new Dictionary<string, long> { [OpId.Onnx] = 21 });
        Value a = graph.AddInput("a", ElementType.Float, Shape.From(dims)), b = graph.AddInput("b", ElementType.Float, Shape.From(dims));
        using (OpBuilder op = graph.BuildAtEnd("rates"))
            graph.MarkOutput(op.Op(operation, [a, b]));
        using SessionOptions options = device.SessionOptions();
        using InferenceSession session = Sessions.Open(new(graph), options);
        using OrtValue value = OrtTensors.ToOrtValue(Tensor.Filled(ElementType.Float, dims, 1));
        using var run = new RunOptions();
        using OrtIoBinding binding = session.CreateIoBinding();
        foreach (string name in session.InputNames) binding.BindInput(name, value);
        using OrtValue result = OrtTensors.Allocate(ElementType.Float, dims);
        binding.BindOutput(session.OutputNames[0], result);
        return Enumerable.Range(0, Runs).Min(_ =>
        {
            long began = Stopwatch.GetTimestamp();
            session.RunWithBinding(run, binding);
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        });
    }
}

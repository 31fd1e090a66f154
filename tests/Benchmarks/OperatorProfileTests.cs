using System.Text.Json;
using TrainingHost.Benchmarks;

namespace TrActOnnx.Tests.Benchmarks;

[TestClass]
public sealed class OperatorProfileTests
{
    [TestMethod]
    public void OfEachNodeTheMedianCounts()
    {
        OperatorProfile[] profile = Read(
            [.. new[] { 9000, 2000, 3000 }.Select(us => Event("a", "0", "Mul", us, [[5], [5]], [5])), Event("b", "1", "Mul", 500, [[5], [5]], [5])]);
        Assert.HasCount(1, profile);
        Assert.AreEqual(2, profile[0].Nodes);
        Assert.AreEqual(3.5, profile[0].Milliseconds, 1e-12);
        Assert.AreEqual(2 * 60 / 1e6, profile[0].Megabytes, 1e-12);
        Assert.AreEqual(0, profile[0].Gigaflops);
    }

    [TestMethod]
    public void TheMostExpensiveComesFirstAndControlFlowIsItsNodes()
    {
        OperatorProfile[] profile = Read(
            [Event("if", "0", "If", 100, [[1]], [5]), Event("inner", "0", "Add", 40, [[5], [5]], [5]), Event("c", "1", "Exp", 50, [[5]], [5])]);
        CollectionAssert.AreEqual(new[] { "Exp", "Add" }, profile.Select(p => p.Operator).ToArray());
    }

    [TestMethod]
    [DataRow("Gemm", new long[] { 7, 3 }, new long[] { 7, 5 }, new long[] { 3, 5 }, 2 * 7 * 3 * 5, DisplayName = "transposed")]
    [DataRow("MatMul", new long[] { 2, 4, 3 }, new long[] { 3, 5 }, new long[] { 2, 4, 5 }, 240, DisplayName = "one matrix for a batch")]
    [DataRow("FusedMatMul", new long[] { 2, 6, 4, 3 }, new long[] { 2, 6, 5, 3 }, new long[] { 2, 6, 4, 5 }, 1440, DisplayName = "a batch")]
    [DataRow("FusedMatMul", new long[] { 4, 3 }, new long[] { 6, 5, 3 }, new long[] { 6, 4, 5 }, 720, DisplayName = "one first factor for a batch")]
    [DataRow("FusedMatMul", new long[] { 2, 6, 4, 3 }, new long[] { 2, 1, 5, 3 }, new long[] { 2, 6, 4, 5 }, 1440, DisplayName = "a factor for several")]
    [DataRow("Conv", new long[] { 2, 3, 8, 8 }, new long[] { 5, 3, 3, 3 }, new long[] { 2, 5, 6, 6 }, 2 * 2 * 5 * 36 * 27, DisplayName = "Conv")]
    [DataRow("ConvTranspose", new long[] { 2, 5, 6, 6 }, new long[] { 5, 3, 3, 3 }, new long[] { 2, 3, 8, 8 }, 19440, DisplayName = "transpose")]
    public void ProductsAreCounted(string operation, long[] a, long[] b, long[] c, int flops) =>
        Assert.AreEqual(flops / 1e9, Read([Event("n", "0", operation, 10, [a, b], c)]).Single().Gigaflops, 1e-15);

    /// <summary>The runtime packs a constant B when it opens the session, and has no shape for it afterwards.</summary>
    [TestMethod]
    [DataRow(new long[] { 7, 3 }, DisplayName = "as it lies")]
    [DataRow(new long[] { 3, 7 }, DisplayName = "transposed")]
    public void AProductWithAPackedConstantIsCounted(long[] a) =>
        Assert.AreEqual(2 * 7 * 3 * 5 / 1e9, Read([Event("n", "0", "Gemm", 10, [a], [7, 5])]).Single().Gigaflops, 1e-15);

    [TestMethod]
    public void WhatIsNeitherIsTheRest()
    {
        OperatorProfile[] profile = [new("Gemm", 1, 30, 100, 2), new("Mul", 2, 20, 80, 0)];
        StringAssert.StartsWith(
            new MachineRates(GigaflopsPerSecond: 100, GigabytesPerSecond: 8).Bound(profile),
            "All 50.0 ms. Products 30.0 ms; at the 100 GFLOP/s of a large MatMul 20.0 ms.");
        StringAssert.EndsWith(
            new MachineRates(GigaflopsPerSecond: 100, GigabytesPerSecond: 8).Bound(profile),
            "All else 20.0 ms; at the 8.0 GB/s of a large Add 10.0 ms.\nNeither: 20.0 ms.");
    }

    private static OperatorProfile[] Read(object[] events)
    {
        using var folder = new TemporaryFolder();
        object[] others = [new { cat = "Session", name = "model_run", dur = 1, args = new { } }];
        File.WriteAllText(folder.File("profile.json"), JsonSerializer.Serialize(others.Concat(events)));
        return [.. OperatorProfile.Read(folder.File("profile.json"))];
    }

    private static object Event(string name, string index, string operation, int microseconds, long[][] inputs, long[] output) => new
    {
        cat = "Node",
        name = $"{name}_kernel_time",
        dur = microseconds,
        args = new
        {
            op_name = operation,
            node_index = index,
            activation_size = $"{inputs.Sum(Bytes)}",
            parameter_size = "0",
            output_size = $"{Bytes(output)}",
            input_type_shape = inputs.Select(Typed).ToArray(),
            output_type_shape = new[] { Typed(output) },
        },
    };

    private static long Bytes(long[] shape) => shape.Aggregate(4L, (product, extent) => product * extent);

    private static Dictionary<string, long[]> Typed(long[] shape) => new() { ["float"] = shape };
}

using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Traces;

namespace TrActOnnx.Tests.Peers;

/// <summary>
/// The gradient graphs that ONNX Runtime Training 1.19.2's generator made, and those that this library makes of the same forward models, on the
/// same random batch: one loss and the same gradients. Both are lowered and run here, so that nothing but the graphs differs.
/// </summary>
[TestClass]
public sealed class GenuineGradientGraphsTests
{
    /// <summary>float32's rounding of sums in another order, relative to the tensor's largest entry; the largest deviation was 2.7e-7 once.</summary>
    private const double Bound = 5e-6;

    /// <summary>A gradient that is zero in exact arithmetic is held against this part of the model's largest.</summary>
    private const double Smallest = 1e-3;

    /// <summary>Its Dropout draws; a mask is not one graph's or the other's.</summary>
    private const string Draws = "vgg_dropout";

    public static IEnumerable<object[]> Cases => Directory.EnumerateDirectories(TestData.Cases).Order(StringComparer.Ordinal)
        .Where(folder => File.Exists(Path.Combine(folder, "checkpoint")) && File.Exists(Path.Combine(folder, "forward.onnx")))
        .Select(folder => Path.GetFileName(folder)!).Where(name => name != Draws).Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void OfTheSameForwardModelAgree(string name)
    {
        using var folder = new TemporaryFolder();
        string batch = RandomBatch(folder, name);
        OrderedDictionary<string, Tensor> genuine = Trace(folder, batch, TestData.Case(name));
        OrderedDictionary<string, Tensor> ours = Trace(
            folder, batch, Path.Combine(TestData.Case(name), "forward.onnx"), ReferenceCase.Read(name).LossAndFrozen);
        double loss = genuine["losses"].ToDouble()[0];
        Assert.AreEqual(loss, ours["losses"].ToDouble()[0], Bound * Math.Abs(loss));

        string[] gradients = [.. genuine.Keys.Where(key => key.StartsWith("grad/", StringComparison.Ordinal))];
        CollectionAssert.AreEquivalent(gradients, ours.Keys.Where(key => key.StartsWith("grad/", StringComparison.Ordinal)).ToArray());
        double largestOfAll = gradients.Max(gradient => Largest(genuine[gradient]));
        foreach (string gradient in gradients)
        {
            double bound = Bound * Math.Max(Largest(genuine[gradient]), Smallest * largestOfAll);
            double deviation = genuine[gradient].ToDouble().Zip(ours[gradient].ToDouble(), (a, b) => Math.Abs(a - b)).Max();
            Assert.IsLessThanOrEqualTo(bound, deviation, gradient);
        }
    }

    private static double Largest(Tensor tensor) => tensor.ToDouble().Max(Math.Abs);

    /// <summary>A batch of the shapes of the case's own: normal inputs, and labels drawn from the case's.</summary>
    private static string RandomBatch(TemporaryFolder folder, string name)
    {
        var random = new Random(20);
        string path = folder.File("batch.onnx");
        TensorFile.Write(path, TensorFile.Read(Path.Combine(TestData.Case(name), "truth.onnx"))
            .Where(pair => pair.Key.StartsWith("batch0/", StringComparison.Ordinal))
            .Select(pair => new KeyValuePair<string, Tensor>(pair.Key, Drawn(random, pair.Value))));
        return path;
    }

    private static Tensor Drawn(Random random, Tensor like)
    {
        if (like.Type == ElementType.Float) return Array64.Normal(random, [.. like.Dims]).ToFloat();
        long[] given = like.ToInt64();
        random.Shuffle(given);
        return Tensor.Of(like.Dims, given);
    }

    private static OrderedDictionary<string, Tensor> Trace(TemporaryFolder folder, string batch, string model, params string[] options)
    {
        string trace = folder.File("trace.onnx");
        Verb.Run(["trace", model, "--batches", batch, "--output", trace, "--no-tract", "--lr", "0", .. options]);
        return TensorFile.Read(trace);
    }
}

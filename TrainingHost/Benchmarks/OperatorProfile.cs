using System.Globalization;
using System.Text.Json;
using TrainingHost.Reporting;

namespace TrainingHost.Benchmarks;

/// <summary>Where a step's time goes, by operator, from ONNX Runtime's profile of a session.</summary>
/// <param name="Operator">Domain-less operator type.</param>
/// <param name="Nodes">How many nodes of a step have it.</param>
/// <param name="Milliseconds">Kernel time of a step: of each node the median.</param>
/// <param name="Megabytes">What its nodes read and write in a step, in 10^6 bytes.</param>
/// <param name="Gigaflops">Multiplications and additions of its products in a step, in 10^9; 0 where it has none.</param>
internal sealed record OperatorProfile(string Operator, int Nodes, double Milliseconds, double Megabytes, double Gigaflops)
{
    /// <param name="path">The profile's file: a JSON array of events, durations in microseconds.</param>
    /// <returns>The most expensive operator first.</returns>
    public static IReadOnlyList<OperatorProfile> Read(string path)
    {
        using var events = JsonDocument.Parse(File.ReadAllText(path));
        return [.. from e in events.RootElement.EnumerateArray()
                   where e.GetProperty("cat").GetString() == "Node"
                   let name = e.GetProperty("name").GetString()!
                   where name.EndsWith("_kernel_time", StringComparison.Ordinal)
                   let about = e.GetProperty("args")
                   where about.GetProperty("op_name").GetString() is not ("If" or "Loop" or "Scan") // whose own nodes are there too
                   group (Microseconds: e.GetProperty("dur").GetDouble(), About: about)
                       by (name, about.GetProperty("node_index").GetString()) into node
                   let run = node.First().About
                   group (Milliseconds: Medians.Of(node.Select(each => each.Microseconds)) / 1e3, Bytes: Bytes(run), Flops: Flops(run))
                       by run.GetProperty("op_name").GetString()! into nodes
                   let profile = new OperatorProfile(
                       nodes.Key, nodes.Count(), nodes.Sum(n => n.Milliseconds), nodes.Sum(n => n.Bytes) / 1e6, nodes.Sum(n => n.Flops) / 1e9)
                   orderby profile.Milliseconds descending
                   select profile];
    }

    /// <summary>"   8.076 ms     2 Conv                  1.97 GFLOP   244 GFLOP/s", of what is no product GB and GB/s.</summary>
    public override string ToString()
    {
        (double much, string of) = Gigaflops > 0 ? (Gigaflops, "GFLOP") : (Megabytes / 1e3, "GB");
        double rate = 1e3 * much / Milliseconds;
        return string.Create(CultureInfo.InvariantCulture, $"{Milliseconds,10:F3} ms {Nodes,5} {Operator,-28} {much,8:F3} {of,-5} {rate,7:F1} {of}/s");
    }

    private static double Bytes(JsonElement about) => new[] { "activation_size", "parameter_size", "output_size" }
        .Sum(size => about.TryGetProperty(size, out JsonElement bytes) ? double.Parse(bytes.GetString()!, CultureInfo.InvariantCulture) : 0);

    private static double Flops(JsonElement about)
    {
        long[][] inputs = Shapes(about, "input_type_shape"), outputs = Shapes(about, "output_type_shape");
        return about.GetProperty("op_name").GetString() switch
        {
            "Conv" or "FusedConv" => 2 * Size(outputs[0]) * Size(inputs[1].Skip(1)),
            "ConvTranspose" => 2 * Size(inputs[0]) * Size(inputs[1].Skip(1)),
            // A constant operand that was packed for the product has no shape here: B, whose columns are C's, and whose rows meet all of A.
            "MatMul" or "FusedMatMul" or "Gemm" or "FusedGemm" => 2 * (inputs.Length > 1
                ? Products(inputs[0], inputs[1], outputs[0]) : Size(inputs[0]) * outputs[0][^1]),
            _ => 0,
        };
    }

    /// <summary>M·K·N, of each of a batch: the root of what [M, K], [K, N] and [M, N] have as elements, however they are transposed.</summary>
    private static double Products(long[] a, long[] b, long[] c) => b.Length > 2
        ? Size(c.SkipLast(2)) * Math.Sqrt(Size(a.TakeLast(2)) * Size(b.TakeLast(2)) * Size(c.TakeLast(2)))
        : Math.Sqrt(Size(a) * Size(b) * Size(c));

    private static long[][] Shapes(JsonElement about, string which) =>
        [.. about.GetProperty(which).EnumerateArray().Select(typed => typed.EnumerateObject().First().Value.Deserialize<long[]>()!)];

    private static double Size(IEnumerable<long> shape) => shape.Aggregate(1.0, (product, extent) => product * extent);
}

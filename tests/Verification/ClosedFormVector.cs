using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Verification;

/// <summary>
/// One of the 64 reference cases: a layer, X, dY, λ and the gradient that the closed form gives (computed in float64 by another program).
/// </summary>
internal sealed record ClosedFormVector(string Case, string Op, double Lambda, JsonElement Json, Tensor X, Tensor DY, Tensor DW)
{
    /// <summary>The inputs are rounded to float32, which a small λ amplifies.</summary>
    public double Bound => Lambda >= 0.01 ? 1e-4 : 1e-3;

    public long M => DW.Dims[0];

    public long N => DW.Dims.Skip(1).Aggregate(1L, (product, dim) => product * dim);

    public static IReadOnlyList<ClosedFormVector> All { get; } = Read();

    /// <summary>Y, from a Conv, Gemm or MatMul of the given X and W.</summary>
    public Value Forward(OpBuilder op, Value x, Value w) => Op switch
    {
        "Conv" => op.Op("Conv", [x, w], ConvAttributes()),
        "Gemm" => op.Op("Gemm", [x, w], ("transB", 1L)),
        _ => op.Op("MatMul", [x, w]),
    };

    public (string, object)[] ConvAttributes() =>
        [("group", Json.GetProperty("group").GetInt64()),
            .. new[] { "kernel_shape", "strides", "dilations", "pads" }.Select(name => (name, (object)Ints(name)))];

    /// <summary>The expected gradient as the layer stores its weight: MatMul's is [n, m].</summary>
    public Tensor ExpectedInLayout()
    {
        if (Op != "MatMul") return DW;
        float[] rows = DW.Span<float>().ToArray();
        return Tensor.Of([N, M], [.. Enumerable.Range(0, rows.Length).Select(at => rows[(at % (int)M * (int)N) + (at / (int)M)])]);
    }

    public override string ToString() => $"{Case} {Op} λ={Lambda}";

    private long[] Ints(string name) => [.. Json.GetProperty(name).EnumerateArray().Select(element => element.GetInt64())];

    private static List<ClosedFormVector> Read()
    {
        string folder = Path.Combine(TestData.Root, "vectors");
        Graph tensors = OnnxReader.Read(Path.Combine(folder, "tract.onnx")).Graph;
        using JsonDocument list = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "tract.json")));
        return [.. list.RootElement.EnumerateArray().Select(json =>
        {
            string name = json.GetProperty("case").GetString()!;
            return new ClosedFormVector(name, json.GetProperty("op").GetString()!, json.GetProperty("lambda").GetDouble(), json.Clone(),
                Named("x"), Named("dy"), Named("dw"));
            Tensor Named(string what) => tensors.Get($"{name}/{what}").Initializer!;
        })];
    }
}

using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests;

/// <summary>A forward .onnx over the columns of a table, columns [N, F] → Gemm → (BatchNormalization) → Relu → Gemm → y [N, K], and tables for it.</summary>
internal static class ColumnsModel
{
    private const int Hidden = 8;

    /// <summary>Writes the model.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string path, int columns, int outputs, bool normalizes = false)
    {
        var graph = new Graph("columns", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        var random = new Random(2);
        Value x = graph.AddInput("columns", ElementType.Float, new([Dim.Symbol("N"), columns]));
        Value hidden = Gemm("first", x, columns, Hidden);
        if (normalizes)
        {
            Value[] vectors = [.. new[] { 1f, 0, 0, 1 }.Select((value, i) =>
                graph.AddInitializer($"bn.{i}", Tensor.Of([Hidden], Enumerable.Repeat(value, Hidden).ToArray())))];
            hidden = Node("BatchNormalization", "normalized", [hidden, .. vectors]);
        }
        Value y = Gemm("second", Node("Relu", "positive", [hidden]), Hidden, outputs);
        y.Type = ElementType.Float;
        y.Shape = new([Dim.Symbol("N"), outputs]);
        graph.MarkOutput(y);
        OnnxWriter.Write(new Model(graph), path);
        return path;

        Value Gemm(string name, Value input, int from, int to)
        {
            float[] weights = [.. Enumerable.Range(0, from * to).Select(_ => (float)((random.NextDouble() - 0.5) / Math.Sqrt(from)))];
            Value w = graph.AddInitializer($"{name}.weight", Tensor.Of([from, to], weights));
            return Node("Gemm", name, [input, w, graph.AddInitializer($"{name}.bias", Tensor.Of([to], new float[to]))]);
        }

        Value Node(string op, string name, Value[] inputs)
        {
            Value output = graph.NewValue($"{name}.out");
            graph.AddNode(op, name, inputs).SetOutput(0, output);
            return output;
        }
    }

    /// <summary>Writes a CSV of columns a, b, c and kind: three clouds that overlap, one a class, called sun, moon and star.</summary>
    /// <returns>Its path.</returns>
    public static string WriteClasses(string path, int rows, int seed = 1)
    {
        var random = new Random(seed);
        IEnumerable<string> lines = Enumerable.Range(0, rows).Select(i =>
        {
            string[] cells = [.. Enumerable.Range(0, 3).Select(c => Text((c == i % 3 ? 2 : 0) + (3 * random.NextDouble()))), Kinds[i % 3]];
            return string.Join(',', cells);
        });
        File.WriteAllLines(path, ["a,b,c,kind", .. lines]);
        return path;
    }

    private static readonly string[] Kinds = ["sun", "moon", "star"];

    private static string Text(double number) => number.ToString("F3", CultureInfo.InvariantCulture);
}

using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>Products with what ONNX Runtime's optimizer has put into them: transposes, a factor, an activation behind.</summary>
internal static class FusedForms
{
    /// <summary>Y = α A′ B′.</summary>
    public static IReadOnlyList<Value?> MatMul(OpBuilder op, Node n)
    {
        Value product = op.MatMul(Transposed(op, n, 0, "A"), Transposed(op, n, 1, "B"));
        return [n.Float("alpha", 1) is var alpha && alpha == 1 ? product : product * op.ScalarLike(product, alpha)];
    }

    /// <summary>Y = f(α A′ B′ + β C).</summary>
    public static IReadOnlyList<Value?> Gemm(OpBuilder op, Node n)
    {
        (string, object)[] attributes = [.. new[] { "alpha", "beta" }.Where(n.Has).Select(name => (name, (object)n.Float(name, 1))),
            .. new[] { "transA", "transB" }.Where(n.Has).Select(name => (name, (object)n.Int(name, 0)))];
        float[] parameters = [n.Float("activation_alpha", 0), n.Float("activation_beta", 0)];
        return [Activation(op, n, op.Op("Gemm", n.Inputs, attributes), parameters)];
    }

    /// <summary>Y = f(Conv(X, W, B) + Z).</summary>
    public static IReadOnlyList<Value?> Conv(OpBuilder op, Node n)
    {
        string[] own = ["activation", "activation_params"];
        (string, object)[] window = [.. n.Attributes.Where(a => a.Value is not null && !own.Contains(a.Name)).Select(a => (a.Name, a.Value!))];
        Value y = op.Op("Conv", [.. n.Inputs.Take(3)], window);
        return [Activation(op, n, n.InOrNull(3) is { } z ? y + z : y, n.Floats("activation_params") ?? [])];
    }

    /// <summary>transBatch moves the first axis behind the batch, [M, batch…, K] → [batch…, M, K]; trans then swaps the last two.</summary>
    private static Value Transposed(OpBuilder op, Node n, int input, string letter)
    {
        Value x = n.In(input);
        (bool swaps, bool moves) = (n.Int($"trans{letter}", 0) != 0, n.Int($"transBatch{letter}", 0) != 0);
        if (!swaps && !moves) return x;
        if (x.Shape is not { Rank: > 1 } shape) throw n.Refuse($"the rank of '{x.Name}' is not known", "Run ONNX shape inference on the model");
        if (moves) x = op.Transpose(x, [.. Axes.Range(1, shape.Rank - 2), 0, shape.Rank - 1]);
        return swaps ? op.TransposeMatrix(x) : x;
    }

    private static Value Activation(OpBuilder op, Node n, Value x, float[] parameters)
    {
        float At(int i, float otherwise) => i < parameters.Length ? parameters[i] : otherwise;
        return n.String("activation", "") switch
        {
            "" => x,
            "Relu" or "Sigmoid" or "Tanh" => op.Op(n.String("activation", ""), [x]),
            "LeakyRelu" => op.Op("LeakyRelu", [x], ("alpha", At(0, 0.01f))),
            "HardSigmoid" => op.Op("HardSigmoid", [x], ("alpha", At(0, 0.2f)), ("beta", At(1, 0.5f))),
            "Clip" => op.Op("Clip", [x, op.ScalarLike(x, At(0, float.MinValue)), op.ScalarLike(x, At(1, float.MaxValue))]),
            string other => throw n.Refuse($"activation={other} has no gradient here"),
        };
    }
}

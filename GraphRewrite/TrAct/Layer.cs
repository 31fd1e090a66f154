using GraphRewrite.IR;

namespace GraphRewrite.TrAct;

internal enum LayerKind
{
    Conv,
    Gemm,
    MatMul,

    /// <summary>An operation with a weight that TrAct has no closed form for.</summary>
    Other,
}

/// <summary>A node that multiplies values from the batch by a weight: Y = X Wᵀ.</summary>
/// <param name="Node">The operation.</param>
/// <param name="Kind">What it is.</param>
/// <param name="X">The operand from the batch.</param>
/// <param name="W">The weight as it enters the operation.</param>
/// <param name="Parameters">The parameters that W is computed from.</param>
/// <param name="Trained">Those of them that are trained.</param>
internal sealed record Layer(Node Node, LayerKind Kind, Value X, Value W, IReadOnlyList<string> Parameters, IReadOnlyList<string> Trained)
{
    /// <summary>Operations that may stand first in a network, with a weight, and have no closed form here.</summary>
    private static readonly HashSet<string> Unsupported =
        ["Einsum", "ConvTranspose", "LSTM", "GRU", "RNN", "DeformConv", "FusedConv", "FusedGemm", "Attention"];

    /// <summary>The node's name; nodes without one are called by their output.</summary>
    public string Name => Node.Name.Length > 0 ? Node.Name : Node.Out(0).Name;

    /// <summary>Whether W is stored [m, n] (a row an output feature), not [n, m].</summary>
    public bool OutputFirst => Kind == LayerKind.Conv || Node.Int("transB", 0) != 0;

    /// <summary>Whether X is stored [n, b].</summary>
    public bool TransposedX => Kind != LayerKind.Conv && Node.Int("transA", 0) != 0;

    /// <summary>Y = α X Wᵀ.</summary>
    public double Alpha => Kind == LayerKind.Conv ? 1 : Node.Float("alpha", 1);

    /// <summary>Where the weight comes from, by name.</summary>
    public string Parameter => (Trained.Count > 0 ? Trained : Parameters)[0];

    /// <summary>All layers of the forward pass, in order.</summary>
    public static IReadOnlyList<Layer> All(Graph graph, Dependence dependence, TrActOptions options)
    {
        HashSet<string> trainable = [.. options.Trainable];
        return [.. graph.Nodes.Where(dependence.IsForward).Select(node => Read(node, dependence, trainable)).OfType<Layer>()];
    }

    private static Layer? Read(Node node, Dependence dependence, HashSet<string> trainable)
    {
        LayerKind? kind = node.Op.Domain is OpId.Onnx or OpId.Microsoft ? node.Op.Type switch
        {
            "Conv" => LayerKind.Conv,
            "Gemm" => LayerKind.Gemm,
            "MatMul" or "FusedMatMul" => LayerKind.MatMul,
            string type when Unsupported.Contains(type) => LayerKind.Other,
            _ => null,
        } : null;
        if (kind is not { } known || node.Inputs.Count < 2) return null;
        Value[] operands = [.. node.Inputs.OfType<Value>()];
        if (operands.FirstOrDefault(dependence.IsFromBatch) is not { } x) return null;
        if (operands.FirstOrDefault(value => !dependence.IsFromBatch(value) && Parameters(value).Length > 0) is not { } w) return null;
        bool product = known is not LayerKind.Other;
        if (product && x == node.InOrNull(0) && w != node.InOrNull(1)) return null; // two values from the batch; w is the bias
        if (product && w.Shape is { } shape && !IsWeight(known, shape)) return null;
        string[] parameters = Parameters(w);
        return new(node, product && w == node.In(1) ? known : LayerKind.Other, x, w, parameters, [.. parameters.Where(trainable.Contains)]);

        // A stack of matrices is none.
        static bool IsWeight(LayerKind kind, Shape shape) => kind == LayerKind.Conv ? shape.Rank >= 3 : shape.Rank == 2;

        string[] Parameters(Value value) =>
            [.. dependence.Sources(value).Where(source => source.IsGraphInput || trainable.Contains(source.Name)).Select(source => source.Name)];
    }

    /// <summary>"'/conv1/Conv' (conv1.weight)".</summary>
    public override string ToString() => $"'{Name}' ({Parameter})";
}

using GraphRewrite.IR;
using GraphRewrite.Lowering;

namespace GraphRewrite.TrAct;

/// <summary>A way to compute tract::PatchGram: X → (XᵀX [n, n] or [g, n, n], b).</summary>
internal interface IPatchGramForm : IFormulation
{
    bool Fits(PatchGeometry patches, Shape? x, LoweringTarget? target);

    IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms);
}

/// <summary>The forms of the Gram matrix, best first.</summary>
internal static class PatchGramForms
{
    public static IReadOnlyList<IPatchGramForm> Forms { get; } = [new LinearGram(), new PatchMatrixGram()];

    public static Choice Choose(Node node, LoweringTarget? target, Formulations forms)
    {
        PatchGeometry patches = PatchGeometry.Of(node);
        IPatchGramForm form = forms.Choose(node.Name, "gram", Forms.Where(form => form.Fits(patches, node.In(0).Shape, target)), _ => 0)!;
        return new(form, patches, target, forms);
    }

    /// <summary>tract::PatchRows: X → (rows [b, n] or [g, b, n], b).</summary>
    public static IReadOnlyList<Value> Rows(OpBuilder op, Node node, LoweringTarget? target, Formulations forms)
    {
        PatchGeometry patches = PatchGeometry.Of(node);
        Value x = node.In(0);
        if (!patches.IsConv) return [op.Reshape(patches.TransposedX ? op.Transpose(x, 1, 0) : x, -1, patches.Features), Count(op, x, x.Type, patches.Features)];
        Value planes = PatchForms.Choose(node, patches, target, forms).Build(op, x, patches);  // [N, g, n, O]
        Value grouped = op.Transpose(planes, 1, 0, 3, 2);                                                // [g, N, O, n]
        Value rows = patches.Groups == 1 ? op.Reshape(grouped, -1, patches.Features) : op.Reshape(grouped, patches.Groups, -1, patches.Features);
        return [rows, Count(op, rows, x.Type, patches.Groups * patches.Features)];
    }

    /// <summary>b = size / (elements of a row), as a scalar of the given type.</summary>
    public static Value Count(OpBuilder op, Value x, ElementType type, long row) =>
        op.Op("Cast", [op.Size(x) / op.Constant(Tensor.Scalar(row))], ("to", type));

    internal readonly record struct Choice(IPatchGramForm Form, PatchGeometry Patches, LoweringTarget? Target, Formulations Forms)
    {
        public IReadOnlyList<Value> Build(OpBuilder op, Node node) => Form.Build(op, node, Patches, Target, Forms);
    }
}

/// <summary>Linear layers: the rows are there; one Gemm.</summary>
internal sealed class LinearGram : IPatchGramForm
{
    public string Name => "rows";

    public bool Fits(PatchGeometry patches, Shape? x, LoweringTarget? target) => !patches.IsConv;

    public IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms)
    {
        Value x = node.In(0).Shape?.Rank == 2 ? node.In(0) : op.Reshape(node.In(0), -1, patches.Features);
        return [op.Gemm(x, x, transA: !patches.TransposedX, transB: patches.TransposedX), PatchGramForms.Count(op, node.In(0), node.In(0).Type, patches.Features)];
    }
}

/// <summary>Makes the matrix of all patches, then one product a group.</summary>
internal sealed class PatchMatrixGram : IPatchGramForm
{
    public string Name => "patches";

    public bool Fits(PatchGeometry patches, Shape? x, LoweringTarget? target) => patches.IsConv;

    public IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms)
    {
        Value planes = PatchForms.Choose(node, patches, target, forms).Build(op, node.In(0), patches); // [N, g, n, O]
        Value grouped = op.Transpose(planes, 1, 2, 0, 3);                                                                 // [g, n, N, O]: whole planes are moved
        Value b = PatchGramForms.Count(op, planes, node.In(0).Type, patches.Groups * patches.Features);
        if (patches.Groups == 1)
        {
            Value columns = op.Reshape(grouped, patches.Features, -1);
            return [op.Gemm(columns, columns, transB: true), b];
        }
        Value stacked = op.Reshape(grouped, patches.Groups, patches.Features, -1);
        return [op.MatMul(stacked, op.Transpose(stacked, 0, 2, 1)), b];
    }
}

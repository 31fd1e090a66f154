using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Kernels.Gram;

/// <summary>A way to compute tract::PatchGram: X → (XᵀX [n, n] or [g, n, n], b).</summary>
internal interface IPatchGramForm : IFormulation
{
    bool Fits(PatchGeometry patches, Node node, LoweringTarget? target);

    IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms);
}

/// <summary>The forms of the Gram matrix, best first.</summary>
internal static class PatchGramForms
{
    public static IReadOnlyList<IPatchGramForm> Forms { get; } = [new LinearGram(), new TiledGram(), new ColumnGram(), new PatchMatrixGram()];

    public static Choice Choose(Node node, LoweringTarget? target, Formulations forms)
    {
        PatchGeometry patches = PatchGeometry.Of(node);
        IPatchGramForm form = forms.Choose(node.Name, "gram", Forms.Where(form => form.Fits(patches, node, target)), _ => 0)!;
        return new(form, patches, target, forms);
    }

    /// <summary>tract::PatchRows: X → (rows [b, n] or [g, b, n], b).</summary>
    public static IReadOnlyList<Value> Rows(OpBuilder op, Node node, LoweringTarget? target, Formulations forms)
    {
        PatchGeometry patches = PatchGeometry.Of(node);
        Value x = node.In(0);
        if (!patches.IsConv) return [op.Reshape(patches.TransposedX ? op.Transpose(x, 1, 0) : x, -1, patches.Features), Count(op, x, x.Type, patches.Features)];
        Value planes = PatchForms.Choose(node, patches, forms).Build(op, node, patches);  // [N, g, n, O]
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
    private const long HalvedFeatures = 384;

    public string Name => "rows";

    public bool Fits(PatchGeometry patches, Node node, LoweringTarget? target) => !patches.IsConv;

    public IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms)
    {
        Value x = node.In(0).Shape?.Rank == 2 ? node.In(0) : op.Reshape(node.In(0), -1, patches.Features);
        return [patches.TransposedX ? op.Gemm(x, x, transB: true) : OfRows(op, x, patches.Features), PatchGramForms.Count(op, node.In(0), node.In(0).Type, patches.Features)];
    }

    /// <summary>XᵀX of rows X [b, n]. It is symmetric: of a large one, the two halves of the diagonal and one beside it, three quarters of the work.</summary>
    public static Value OfRows(OpBuilder op, Value x, long n)
    {
        if (n < HalvedFeatures) return op.Gemm(x, x, transA: true);
        Value[] halves = op.Split(x, 1, n / 2, n - (n / 2));
        Value beside = op.Gemm(halves[0], halves[1], transA: true);
        return op.Concat(0,
            op.Concat(1, op.Gemm(halves[0], halves[0], transA: true), beside),
            op.Concat(1, op.Transpose(beside, 1, 0), op.Gemm(halves[1], halves[1], transA: true)));
    }
}

/// <summary>The rows that a tiled convolution and its weight gradient take ("tiles"); one product.</summary>
internal sealed class TiledGram : IPatchGramForm
{
    public string Name => "tiles";

    public bool Fits(PatchGeometry patches, Node node, LoweringTarget? target) =>
        target is not null && patches.Groups == 1 && patches.Window(node) is { } window && Tiles.Fit(window);

    public IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms)
    {
        Value rows = Tiles.Rows(op, node.In(0), patches.Window(node)!);
        return [LinearGram.OfRows(op, rows, patches.Features), PatchGramForms.Count(op, rows, node.In(0).Type, patches.Features)];
    }
}

/// <summary>
/// The columns that the weight gradient also takes ("stacked"), some rows of the output at a time so that they never fill the memory; a product with themselves
/// for each part. Their features run tap by tap: put in W's order, channel by channel, at the end. Needs known spatial extents.
/// </summary>
internal sealed class ColumnGram : IPatchGramForm
{
    public string Name => "columns";

    public bool Fits(PatchGeometry patches, Node node, LoweringTarget? target) =>
        target is not null && patches.Window(node) is not null;

    public IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms)
    {
        Value x = node.In(0);
        SlidingWindow window = patches.Window(node)!;
        var columns = new TapColumns(op, x, window, patches.Groups * patches.Channels, patches.Groups, Convolution.BatchOf(x));
        Value gram = op.Sum([.. columns.Parts.Select(row => columns.Stacked(row)).Select(part => columns.Product(part, part))]);
        gram = op.Transpose(op.Reshape(gram, -1, patches.Taps, patches.Channels, patches.Taps, patches.Channels), 0, 2, 1, 4, 3);
        gram = patches.Groups == 1 ? op.Reshape(gram, patches.Features, patches.Features) : op.Reshape(gram, patches.Groups, patches.Features, patches.Features);
        Value positions = op.Constant(Tensor.Scalar(SlidingWindow.Product(window.Output)));
        Value images = op.Op("Gather", [op.Shape(x), op.Constant(Tensor.Scalar(0L))]);
        return [gram, op.Op("Cast", [images * positions], ("to", x.Type))];
    }
}

/// <summary>Makes the matrix of all patches, then one product a group.</summary>
internal sealed class PatchMatrixGram : IPatchGramForm
{
    public string Name => "patches";

    public bool Fits(PatchGeometry patches, Node node, LoweringTarget? target) => patches.IsConv;

    public IReadOnlyList<Value> Build(OpBuilder op, Node node, PatchGeometry patches, LoweringTarget? target, Formulations forms)
    {
        Value planes = PatchForms.Choose(node, patches, forms).Build(op, node, patches); // [N, g, n, O]
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

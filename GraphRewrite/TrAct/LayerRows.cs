using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.TrAct;

/// <summary>One weight gradient in the closed form's terms: rows X [b, n] and dY [b, m], element types, the choice of primal or dual.</summary>
internal sealed record LayerRows
{
    /// <summary>
    /// Without a known b the dual form is taken from this n on: a linear layer on so many features sees fewer rows in nearly every batch.
    /// </summary>
    private const long WideFeatures = 1024;

    private readonly long[] weight; // extents of W as the operation sees it
    private readonly Dim rows;

    private LayerRows(WeightGradient gradient, TrActOptions options)
    {
        Layer layer = gradient.Layer;
        Gradient = gradient;
        weight = layer.W.Shape is { IsStatic: true } shape ? shape.Extents()
            : throw layer.Node.Refuse(
                $"the shape of its weight '{layer.W.Name}' is not known", "Export the model with shapes (onnx.shape_inference)");
        Type = new[] { layer.W.Type, layer.X.Type, gradient.DW.Type }.FirstOrDefault(t => t != ElementType.Undefined, ElementType.Float);
        Precision = Type == ElementType.Double ? ElementType.Double : ElementType.Float;
        Geometry = layer.Kind == LayerKind.Conv
            ? PatchGeometry.Conv(layer.Node, weight)
            : PatchGeometry.Linear(weight[layer.OutputFirst ? 1 : 0], layer.TransposedX);
        rows = Geometry.Rows(layer.X.Shape);
        IsDual = options.Form == TrActForm.Automatic ? PrefersDual(Bound(options)) : options.Form == TrActForm.Dual;
    }

    public WeightGradient Gradient { get; }

    public PatchGeometry Geometry { get; }

    public bool IsDual { get; }

    /// <summary>The element type of the layer.</summary>
    public ElementType Type { get; }

    /// <summary>What the closed form is computed in: Float or Double.</summary>
    public ElementType Precision { get; init; }

    /// <summary>Whether matrices of dW are [m, n].</summary>
    public bool OutputFirst => Gradient.OutputFirst;

    public long OutputFeatures => weight[Layer.OutputFirst ? 0 : 1];

    /// <summary>α of Y = αXWᵀ.</summary>
    public double Alpha => Layer.Alpha;

    public long Groups => Geometry.Groups;

    private Layer Layer => Gradient.Layer;

    public static LayerRows Of(WeightGradient gradient, TrActOptions options) => new(gradient, options);

    public RewrittenLayer Report() => new(
        Layer.Name,
        Layer.Parameter,
        Layer.Kind.ToString(),
        Gradient.DW.Name,
        OutputFeatures,
        Geometry.Features,
        rows.ToString(),
        Groups,
        IsDual ? "dual" : "primal");

    /// <summary>X in Float or Double, whichever its own type fits into.</summary>
    public Value X(OpBuilder op)
    {
        Value x = op.Here(Layer.X);
        if (Type is not (ElementType.Float or ElementType.Double)) x = op.Cast(x, ElementType.Float);
        if (x.Type == ElementType.Undefined) x.Type = Type;
        x.Shape ??= Layer.X.Shape;
        return x;
    }

    /// <summary>dW → a matrix [m, n] or [n, m]; Conv: [M, n], with groups [g, M/g, n].</summary>
    public Value ToMatrix(OpBuilder op, Value dW)
    {
        dW = Widened(op, dW);
        return !Geometry.IsConv ? dW
            : Groups == 1 ? op.Reshape(dW, OutputFeatures, Geometry.Features)
            : op.Reshape(dW, Groups, OutputFeatures / Groups, Geometry.Features);
    }

    /// <summary>The matrix in the layout and type of dW.</summary>
    public Value ToWeight(OpBuilder op, Value matrix)
    {
        if (Geometry.IsConv) matrix = op.Reshape(matrix, weight);
        return Precision == Type ? matrix : op.Op("Cast", [matrix], ("to", Type));
    }

    /// <summary>dY → rows [b, m], with groups [g, b, m/g], in the order of the rows of X.</summary>
    public Value DYRows(OpBuilder op)
    {
        Value dY = Widened(op, Gradient.DY);
        if (!Geometry.IsConv) return Gradient.TransposedDY ? op.Transpose(dY, 1, 0) : op.Reshape(dY, -1, OutputFeatures);
        Value planes = op.Reshape(dY, 0, Groups, OutputFeatures / Groups, -1); // [N, g, m/g, O]
        Value grouped = op.Transpose(planes, 1, 0, 3, 2);                      // [g, N, O, m/g]
        return Groups == 1 ? op.Reshape(grouped, -1, OutputFeatures) : op.Reshape(grouped, Groups, -1, OutputFeatures / Groups);
    }

    /// <summary>A value of the layer in the precision of the closed form.</summary>
    public Value Widened(OpBuilder op, Value value) =>
        Precision == Type ? op.Here(value) : op.Op("Cast", [op.Here(value)], ("to", Precision));

    private Dim Bound(TrActOptions options)
    {
        if (options.BatchSize is not { } size) return rows;
        IEnumerable<string> symbols = options.UserInputs.Select(name => Layer.Node.Graph.Find(name)?.Shape).Where(shape => shape is { Rank: > 0 })
            .Select(shape => shape![0]).Where(dim => dim.Symbols is not null && dim.Factor == 1).Select(dim => dim.Symbols!).Distinct();
        return rows.Bind(symbols.ToDictionary(symbol => symbol, _ => size));
    }

    private bool PrefersDual(Dim b) => b.IsKnown ? b.Value < Geometry.Features : !Geometry.IsConv && Geometry.Features > WideFeatures;
}

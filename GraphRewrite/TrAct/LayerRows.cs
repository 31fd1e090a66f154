using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.TrAct;

/// <summary>One weight gradient in the closed form's terms: rows X [b, n] and dY [b, m], element types, the choice of primal or dual.</summary>
internal sealed class LayerRows
{
    /// <summary>
    /// Without a known b the dual form is taken from this n on: a linear layer on so many features sees fewer rows in nearly every batch.
    /// </summary>
    private const long WideFeatures = 1024;

    /// <summary>
    /// A primal system that may have fewer rows than features is singular but for λ, and rounding errors grow by the Gram matrix's norm over λ.
    /// Up to this n double costs next to nothing.
    /// </summary>
    private const long DoubleFeatures = 64;

    private readonly long[] weight; // extents of W as the operation sees it
    private readonly Dim rows;
    private readonly ElementType type;
    private readonly ElementType precision; // of the closed form

    private LayerRows(WeightGradient gradient, TrActOptions options)
    {
        Layer layer = gradient.Layer;
        Gradient = gradient;
        weight = layer.W.Shape is { IsStatic: true } shape ? shape.Extents()
            : throw layer.Node.Refuse(
                $"the shape of its weight '{layer.W.Name}' is not known", "Export the model with shapes (onnx.shape_inference)");
        type = new[] { layer.W.Type, layer.X.Type, gradient.DW.Type }.FirstOrDefault(t => t != ElementType.Undefined, ElementType.Float);
        Geometry = layer.Kind == LayerKind.Conv
            ? PatchGeometry.Conv(layer.Node, weight)
            : PatchGeometry.Linear(weight[layer.OutputFirst ? 1 : 0], layer.TransposedX);
        rows = Geometry.Rows(layer.X.Shape);
        Dim b = Bound(options);
        IsDual = options.Form == TrActForm.Automatic ? PrefersDual(b) : options.Form == TrActForm.Dual;
        bool mayBeSingular = !IsDual && !Geometry.IsConv && !(b.IsKnown && b.Value >= Geometry.Features);
        precision = type == ElementType.Double || (mayBeSingular && Geometry.Features <= DoubleFeatures) ? ElementType.Double : ElementType.Float;
    }

    public WeightGradient Gradient { get; }

    public PatchGeometry Geometry { get; }

    public bool IsDual { get; }

    /// <summary>Whether matrices of dW are [m, n].</summary>
    public bool OutputFirst => Gradient.OutputFirst;

    private Layer Layer => Gradient.Layer;

    private long OutputFeatures => weight[Layer.OutputFirst ? 0 : 1];

    private long Groups => Geometry.Groups;

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

    /// <summary>X in the precision of the closed form: float or better.</summary>
    public Value X(OpBuilder op)
    {
        Value x = Widened(op, Layer.X);
        if (x.Type == ElementType.Undefined) x.Type = precision;
        x.Shape ??= Layer.X.Shape;
        return x;
    }

    /// <summary>α²G/b + λI for symmetric G, a matrix a group.</summary>
    public Value Regularized(OpBuilder op, Value gram, Value b, Value lambda)
    {
        if (precision == ElementType.Double) lambda = op.Op("Cast", [lambda], ("to", ElementType.Double));
        Value square = Groups == 1 ? gram : op.Gather(gram, op.Constant(Tensor.Scalar(0L)));
        Value mean = Layer.Alpha == 1 ? gram / b : gram * (Constant(op, Layer.Alpha * Layer.Alpha) / b);
        return mean + (op.Op("EyeLike", [square]) * lambda);
    }

    /// <summary>α dW where dW was made without α.</summary>
    public Value Scaled(OpBuilder op, Value dW) => Layer.Alpha == 1 ? dW : dW * Constant(op, Layer.Alpha);

    /// <summary>A' B', group by group.</summary>
    public Value Product(OpBuilder op, Value a, Value b, bool transA = false, bool transB = false) => Groups == 1
        ? op.Gemm(a, b, transA, transB)
        : op.MatMul(transA ? op.Transpose(a, 0, 2, 1) : a, transB ? op.Transpose(b, 0, 2, 1) : b);

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
        return precision == type ? matrix : op.Op("Cast", [matrix], ("to", type));
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

    private Dim Bound(TrActOptions options)
    {
        if (options.BatchSize is not { } size) return rows;
        IEnumerable<string> symbols = options.UserInputs.Select(name => Layer.Node.Graph.Find(name)?.Shape).Where(shape => shape is { Rank: > 0 })
            .Select(shape => shape![0]).Where(dim => dim.Symbols is not null && dim.Factor == 1).Select(dim => dim.Symbols!).Distinct();
        return rows.Bind(symbols.ToDictionary(symbol => symbol, _ => size));
    }

    private bool PrefersDual(Dim b) => b.IsKnown ? b.Value < Geometry.Features : !Geometry.IsConv && Geometry.Features > WideFeatures;

    private Value Widened(OpBuilder op, Value value) => precision == type ? value : op.Op("Cast", [value], ("to", precision));

    private Value Constant(OpBuilder op, double value) => op.Constant(Tensor.Scalar(precision, value));
}

using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>
/// SoftmaxCrossEntropyLoss, classes on axis 1: dX = (e^logp − onehot(labels)) ⊙ c, c = dLoss · w(label), divided by Σ w(label) for the mean;
/// w is 1 without class weights and 0 where the label is to be ignored.
/// </summary>
internal static class CrossEntropyGradLowering
{
    public static IReadOnlyList<Value?> Gradient(OpBuilder op, Node node, LoweringContext context)
    {
        Value? ignored = node.Has("ignore_index") ? op.Constant(Tensor.Scalar(node.Int("ignore_index", 0))) : null;
        return Gradient(op, node, ignored);
    }

    /// <summary>The …Internal form: the ignored label is the input 4.</summary>
    public static IReadOnlyList<Value?> InternalGradient(OpBuilder op, Node node, LoweringContext context) => Gradient(op, node, node.InOrNull(4));

    /// <summary>The …Internal loss is the standard one; the ignored label becomes its attribute.</summary>
    public static IReadOnlyList<Value?> InternalLoss(OpBuilder op, Node node, LoweringContext context)
    {
        var attributes = new List<(string, object)> { ("reduction", node.String("reduction", "mean")) };
        if (node.InOrNull(3) is { } ignored)
        {
            if (ignored.Elements is not [{ IsKnown: true } label])
                throw node.Refuse($"the label to ignore, '{ignored.Name}', is computed at run time; it must be a constant");
            attributes.Add(("ignore_index", label.Value));
        }
        Value?[] inputs = node.InOrNull(2) is { } weights ? [node.In(0), node.In(1), weights] : [node.In(0), node.In(1)];
        return op.Ops("SoftmaxCrossEntropyLoss", inputs, 2, [.. attributes]);
    }

    private static Value[] Gradient(OpBuilder op, Node node, Value? ignored)
    {
        if (node.InOrNull(node.Op.Type.Contains("Internal", StringComparison.Ordinal) ? 5 : 4) is not null)
            throw node.Refuse("a bias on the gradient is not supported");
        (Value dLoss, Value logProb, Value labels) = (node.In(0), node.In(1), op.Cast(node.In(2), ElementType.Int64));
        string reduction = node.String("reduction", "mean");

        Value coefficient = (node.InOrNull(3), ignored) switch
        {
            (null, null) when reduction == "mean" => dLoss / Like(op, op.Size(labels), logProb),
            (null, null) => dLoss,
            var (weight, label) => Weighted(op, dLoss, logProb, labels, weight, label, reduction == "mean"),
        };
        // A scalar multiplies everything; one a label stands beside the class axis.
        bool perLabel = reduction == "none" || node.InOrNull(3) is not null || ignored is not null;
        if (perLabel) coefficient = op.Unsqueeze(coefficient, 1);

        Value classes = logProb.Shape is { Rank: > 1 } shape && shape[1].IsKnown ? op.Ints(shape[1].Value) : op.Gather(op.Shape(logProb), op.Ints(1));
        ElementType type = logProb.Type.FloatIfUndefined();
        Value onOff = op.Constant(Tensor.Of([2], 0f, 1f));
        Value oneHot = op.Op("OneHot", [labels, classes, onOff], ("axis", 1));
        if (type != ElementType.Float) oneHot = op.Op("Cast", [oneHot], ("to", type));
        return [(op.Exp(logProb) - oneHot) * coefficient];
    }

    private static Value Weighted(OpBuilder op, Value dLoss, Value logProb, Value labels, Value? weight, Value? ignored, bool mean)
    {
        Value? counts = null;
        if (ignored is not null)
        {
            counts = op.Op("Not", [op.Op("Equal", [labels, op.Op("Cast", [ignored], ("to", ElementType.Int64))])]);
            if (weight is not null) labels = op.Where(counts, labels, op.Constant(Tensor.Scalar(0L))); // an ignored label need not be a class
            counts = Like(op, counts, logProb);
        }
        Value w = weight is null ? counts! : counts is null ? op.Gather(weight, labels) : op.Gather(weight, labels) * counts;
        if (!mean) return dLoss * w;
        Value total = op.Op("ReduceSum", [w], ("keepdims", false));
        // All labels ignored: no gradient rather than 0/0.
        Value zero = op.ScalarLike(logProb, 0);
        return w * (dLoss / op.Where(op.Op("Equal", [total, zero]), op.ScalarLike(logProb, 1), total));
    }

    private static Value Like(OpBuilder op, Value x, Value like) => op.Op("Cast", [x], ("to", like.Type.FloatIfUndefined()));
}

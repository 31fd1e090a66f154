using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>
/// torch.nn.CrossEntropyLoss over axis 1 of the logits, l = log softmax(X): −Σ wₜ l[t] / Σ wₜ over examples with label t, ignored ones left out.
/// With label smoothing ε over C classes: (1 − ε) of that plus ε/C of −Σ_c w_c l[c], under the same divisor.
/// With probabilities p as labels: −Σ_c w_c p′[c] l[c], p′ = (1 − ε) p + ε/C, divided by the number of examples.
/// </summary>
public sealed record CrossEntropyLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "cross-entropy";

    /// <summary>ε in [0, 1]; 0 for none.</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>A weight for each class; null weighs all alike.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>A label whose examples do not count; null counts all.</summary>
    public long? IgnoreIndex { get; init; }

    /// <summary>Whether the labels are probabilities of the classes instead of their indices.</summary>
    public bool SoftTargets { get; init; }

    private protected override (ElementType Type, Shape? Shape) LabelsOf(Value prediction)
    {
        if (SoftTargets) return base.LabelsOf(prediction);
        if (prediction.Shape is { Rank: < 2 } shape)
        {
            throw new GraphRewriteException(new Finding(
                $"Cross-entropy needs logits [N, classes, …]; '{prediction.Name}' is {shape}", $"Choose another loss ({Setting.Loss})"));
        }
        return (ElementType.Int64, prediction.Shape is { } logits ? new([.. logits.Where((_, axis) => axis != 1)]) : null);
    }

    private protected override void Check(Value prediction)
    {
        if (LabelSmoothing is not (>= 0 and <= 1)) throw Refused($"label smoothing {LabelSmoothing} is not between 0 and 1");
        if (SoftTargets && IgnoreIndex is not null) throw Refused("probabilities as labels have no index to ignore");
        CheckCount(ClassWeights, prediction.Shape is { Rank: > 1 } shape ? shape[1] : Dim.Unknown, "class weights", prediction);
    }

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels)
    {
        Value? weights = ClassWeights is { } given ? op.Cast(op.Constant(Tensor.Vector([.. given])), prediction.Type) : null;
        if (SoftTargets) return OfProbabilities(op, prediction, labels, weights);
        Value hard = Fused(op, prediction, labels, weights);
        if (LabelSmoothing == 0) return hard;
        Value smooth = Smooth(op, prediction, labels, weights);
        return (hard * op.ScalarLike(prediction, 1 - LabelSmoothing)) + (smooth * op.ScalarLike(prediction, LabelSmoothing));
    }

    /// <summary>ONNX's operator, with the output that its fused gradient reads.</summary>
    private Value Fused(OpBuilder op, Value prediction, Value labels, Value? weights)
    {
        (string, object)[] attributes = [("reduction", Reduction == LossReduction.Mean ? "mean" : "sum")];
        if (IgnoreIndex is { } ignored) attributes = [.. attributes, ("ignore_index", ignored)];
        return op.Ops("SoftmaxCrossEntropyLoss", weights is null ? [prediction, labels] : [prediction, labels, weights], 2, attributes)[0];
    }

    /// <summary>−Σ over counted examples and classes of w_c l[c] / C, divided as the fused loss is.</summary>
    private Value Smooth(OpBuilder op, Value prediction, Value labels, Value? weights)
    {
        Value classes = Classes(op, prediction);
        Value log = Weighed(op, op.Op("LogSoftmax", [prediction], ("axis", 1)), weights);
        Value losses = -(op.ReduceSum(log, [1], keepDims: false) / classes);
        Value counted = IgnoreIndex is { } ignored
            ? op.Cast(op.Op("Not", [op.Op("Equal", [labels, op.Constant(Tensor.Scalar(ignored))])]), prediction.Type)
            : op.Expand(op.ScalarLike(prediction, 1), op.Shape(labels));
        Value sum = op.Op("ReduceSum", [losses * counted], ("keepdims", 0));
        if (Reduction == LossReduction.Sum) return sum;
        Value divisors = weights is null ? counted : counted * op.Gather(weights, Counted(op, labels));
        return sum / op.Op("ReduceSum", [divisors], ("keepdims", 0));
    }

    private Value OfProbabilities(OpBuilder op, Value prediction, Value labels, Value? weights)
    {
        Value target = LabelSmoothing == 0 ? labels
            : (labels * op.ScalarLike(labels, 1 - LabelSmoothing)) + (op.ScalarLike(labels, LabelSmoothing) / Classes(op, prediction));
        Value terms = target * Weighed(op, op.Op("LogSoftmax", [prediction], ("axis", 1)), weights);
        return -Reduce(op, op.ReduceSum(terms, [1], keepDims: false));
    }

    /// <summary>w_c on axis 1.</summary>
    private static Value Weighed(OpBuilder op, Value log, Value? weights)
    {
        if (weights is null) return log;
        int rank = log.Shape?.Rank ?? throw log.Graph.Refuse(
            $"the rank of the logits '{log.Name}' is not known; class weights need it", "Run ONNX shape inference on the model");
        int trailing = rank - 2;
        return log * (trailing == 0 ? weights : op.Unsqueeze(weights, Axes.Range(1, trailing)));
    }

    private static Value Classes(OpBuilder op, Value prediction) => prediction.Shape is { } shape && shape[1].IsKnown
        ? op.ScalarLike(prediction, shape[1].Value)
        : op.Cast(op.Extent(prediction, 1), prediction.Type);

    /// <summary>The labels with ignored ones, which may lie outside the classes, as class 0.</summary>
    private Value Counted(OpBuilder op, Value labels) => IgnoreIndex is { } ignored
        ? op.Where(op.Op("Equal", [labels, op.Constant(Tensor.Scalar(ignored))]), op.Constant(Tensor.Scalar(0L)), labels)
        : labels;
}

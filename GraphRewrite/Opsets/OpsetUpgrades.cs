using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Opsets;

/// <summary>Rewrites a node in place (null), or returns the value that its first output becomes. The graph already claims the target opset.</summary>
internal delegate Value? OpsetStep(OpBuilder op, Node node);

/// <summary>THE table of operators whose form changed: operator → the opset that brought the new form, and the step to it.</summary>
internal static class OpsetUpgrades
{
    private static readonly Dictionary<OpId, (long Since, OpsetStep Step)[]> Table = new()
    {
        ["ReduceSum"] = [(13, AxesToInput)],
        ["ReduceMean"] = [(18, AxesToInput)],
        ["ReduceMax"] = [(18, AxesToInput)],
        ["ReduceMin"] = [(18, AxesToInput)],
        ["ReduceProd"] = [(18, AxesToInput)],
        ["ReduceL1"] = [(18, AxesToInput)],
        ["ReduceL2"] = [(18, AxesToInput)],
        ["ReduceLogSum"] = [(18, AxesToInput)],
        ["ReduceLogSumExp"] = [(18, AxesToInput)],
        ["ReduceSumSquare"] = [(18, AxesToInput)],
        ["Squeeze"] = [(13, AxesToInput)],
        ["Unsqueeze"] = [(13, AxesToInput)],
        ["Split"] = [(13, (op, n) => IntsToInput(op, n, "split", 1)), (18, SplitCount)],
        ["Softmax"] = [(13, OverFlattenedAxes)],
        ["LogSoftmax"] = [(13, OverFlattenedAxes)],
        ["Hardmax"] = [(13, OverFlattenedAxes)],
        ["Dropout"] = [(12, DropoutRatio)],
        ["BatchNormalization"] = [(14, BatchNormalizationMode)],
        ["Resize"] = [(13, ResizeInputs)],
        ["RoiAlign"] = [(16, (_, n) => DefaultTo(n, "coordinate_transformation_mode", "output_half_pixel"))],
        ["GridSample"] = [(20, GridSampleMode)],
        ["DFT"] = [(20, DftAxis)],
        ["GroupNormalization"] = [(21, GroupScales)],
        ["Upsample"] = [(21, Refuse)],
        ["Scatter"] = [(21, Refuse)],
    };

    /// <summary>Operators that came after the target, written with older ones.</summary>
    private static readonly Dictionary<OpId, (long Since, OpsetStep Step)> NewerTable = new()
    {
        ["RMSNormalization"] = (23, RmsForm.Write),
        ["Attention"] = (23, AttentionForm.Write),
        ["RotaryEmbedding"] = (23, RotaryForm.Write),
        ["Swish"] = (24, Swish),
        ["TensorScatter"] = (24, (_, n) => throw Unsupported(n, "a cache of keys and values is not trained")),
        ["BitCast"] = (26, (_, n) => throw Unsupported(n, "the bits of a number have no gradient")),
        ["CumProd"] = (26, CumProd),
    };

    public static IEnumerable<OpId> Newer => NewerTable.Keys;

    /// <summary>The opset that brought an operator which came after the target; null of others.</summary>
    public static long? FirstOf(OpId op) => NewerTable.TryGetValue(op, out (long Since, OpsetStep Step) newer) ? newer.Since : null;

    /// <summary>The opsets that changed an operator's form.</summary>
    public static IEnumerable<long> ChangesOf(OpId op) =>
        Table.TryGetValue(op, out (long Since, OpsetStep Step)[]? steps) ? steps.Select(step => step.Since) : [];

    /// <summary>All steps from one opset to the other, as one; null where the form is the same.</summary>
    public static OpsetStep? Between(OpId op, long from, long to)
    {
        if (from > to) return NewerTable.TryGetValue(op, out (long Since, OpsetStep Step) newer) && newer.Since > to ? newer.Step : null;
        if (!Table.TryGetValue(op, out (long Since, OpsetStep Step)[]? steps)) return null;
        OpsetStep[] due = [.. steps.Where(step => from < step.Since && step.Since <= to).Select(step => step.Step)];
        return due.Length == 0 ? null : (builder, node) => ApplyAll(due, builder, node);
    }

    private static Value? ApplyAll(OpsetStep[] due, OpBuilder op, Node node)
    {
        Value? replacement = null;
        foreach (OpsetStep step in due) replacement = step(op, node);
        return replacement;
    }

    private static Value? AxesToInput(OpBuilder op, Node node) => IntsToInput(op, node, "axes", 1);

    private static Value? IntsToInput(OpBuilder op, Node node, string attribute, int index)
    {
        // Without axes (or with none) the operator reduces or squeezes all it can, in both forms.
        if (node.Ints(attribute) is { Length: > 0 } values) node.SetInput(index, op.Ints(values));
        node.RemoveAttribute(attribute);
        return null;
    }

    private static Value? SplitCount(OpBuilder op, Node node)
    {
        if (node.InOrNull(1) is null) node.SetAttribute("num_outputs", node.Outputs.Count);
        return null;
    }

    /// <summary>Before opset 13: the axes from `axis` on (1 by default) are one axis.</summary>
    private static Value? OverFlattenedAxes(OpBuilder op, Node node)
    {
        Value x = node.In(0);
        long axis = node.Int("axis", 1);
        if (axis == -1 || (x.Shape is { } shape && shape.Axis(axis) == shape.Rank - 1))
        {
            node.SetAttribute("axis", -1);
            return null;
        }
        Value rows = op.Op(node.Op, [op.Op("Flatten", [x], ("axis", axis))], ("axis", -1));
        return op.Reshape(rows, op.Shape(x));
    }

    private static Value? DropoutRatio(OpBuilder op, Node node)
    {
        // Before opset 12 Dropout only ever ran in inference mode: without the third input it still does.
        node.SetInput(1, op.ScalarLike(node.In(0), node.Float("ratio", 0.5f)));
        node.RemoveAttribute("ratio");
        return null;
    }

    /// <summary>Before opset 14 the number of outputs told the mode: 5 in training.</summary>
    private static Value? BatchNormalizationMode(OpBuilder op, Node node)
    {
        if (node.Outputs.Count <= 1) return null;
        for (int i = 3; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { } saved) continue;
            if (node.IsOutputUsed(i))
                throw Unsupported(node, $"its output '{saved.Name}' (a saved statistic) is used, but went with opset 14");
        }
        node.SetAttribute("training_mode", 1);
        node.TrimOutputs(3);
        return null;
    }

    private static Value? ResizeInputs(OpBuilder op, Node node)
    {
        string mode = node.String("coordinate_transformation_mode", "half_pixel");
        if (mode == "tf_half_pixel_for_nn") throw Unsupported(node, $"coordinate_transformation_mode '{mode}' went with opset 13");
        if (mode != "tf_crop_and_resize" && node.InOrNull(1) is not null) node.SetInput(1, null);
        if (node.InOrNull(3) is not null && node.InOrNull(2) is not null) node.SetInput(2, null); // an empty scales: from 13 on it is left out
        return null;
    }

    private static Value? GridSampleMode(OpBuilder op, Node node)
    {
        string mode = node.String("mode", "bilinear");
        node.SetAttribute("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
        return null;
    }

    private static Value? DftAxis(OpBuilder op, Node node)
    {
        if (node.InOrNull(1) is null) node.SetInput(1, null);
        node.SetInput(2, op.Constant(Tensor.Scalar(node.Int("axis", 1))));
        node.RemoveAttribute("axis");
        return null;
    }

    /// <summary>From opset 21 scale and bias are per channel, before per group: each group's is repeated over its C / G channels.</summary>
    private static Value? GroupScales(OpBuilder op, Node node)
    {
        long groups = node.Int("num_groups", 0);
        if (node.In(0).Shape is not { Rank: > 1 } shape || !shape[1].IsKnown || groups <= 0)
            throw Unsupported(node, "the number of channels is not known");
        long channels = shape[1].Value;
        for (int i = 1; i <= 2; i++)
        {
            if (node.In(i).Shape is { Rank: 1 } given && given[0] == channels && channels != groups) continue; // written per channel all the same
            Value repeated = op.Expand(op.Reshape(node.In(i), groups, 1), op.Ints(groups, channels / groups));
            node.SetInput(i, op.Reshape(repeated, channels));
        }
        return null;
    }

    /// <summary>x σ(α x).</summary>
    private static Value Swish(OpBuilder op, Node node)
    {
        (Value x, float alpha) = (node.In(0), node.Float("alpha", 1));
        return x * op.Sigmoid(alpha == 1 ? x : x * op.ScalarLike(x, alpha));
    }

    /// <summary>Y[i] = Π X[j] over j ≤ i along an axis: the product over a mask of pairs (i, j).</summary>
    private static Value CumProd(OpBuilder op, Node node)
    {
        Value x = node.In(0);
        if (x.Shape is not { } shape || node.In(1).Elements is not [{ IsKnown: true } axis])
            throw Unsupported(node, "its rank or its axis is not known");
        int along = shape.Axis(axis.Value);
        Value j = op.Range(op.Extent(x, along)), i = op.Unsqueeze(j, 1);
        string comparison = node.Int("exclusive", 0) != 0 ? "Less" : "LessOrEqual";
        Value taken = op.Op(comparison, node.Int("reverse", 0) != 0 ? [i, j] : [j, i]); // [i, j]
        if (along < shape.Rank - 1) taken = op.Unsqueeze(taken, Axes.Range(2, shape.Rank - 1 - along));
        return op.Reduce("ReduceProd", op.Where(taken, op.Unsqueeze(x, along), op.ScalarLike(x, 1)), [along + 1], keepDims: false);
    }

    private static Value? DefaultTo(Node node, string attribute, string value)
    {
        if (!node.Has(attribute)) node.SetAttribute(attribute, value);
        return null;
    }

    private static Value? Refuse(OpBuilder op, Node node) => throw Unsupported(node, "the operator has no form there");

    /// <summary>The refusal of a node that has no form at the target.</summary>
    public static GraphRewriteException Unsupported(Node node, Phrase reason) =>
        node.Refuse($"cannot be written in opset {UpgradeOpset.Target}: {reason}", UpgradeOpset.Remedy);
}

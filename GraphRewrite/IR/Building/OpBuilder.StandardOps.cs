namespace GraphRewrite.IR.Building;

/// <summary>One typed method per standard operator; differences between opsets 13 and 21 are dealt with here and nowhere else.</summary>
public sealed partial class OpBuilder
{
    /// <summary>Y = X, as a value of its own.</summary>
    public Value Identity(Value x) => Op("Identity", [x]);

    /// <summary>Y = A B over stacks of matrices, [.., i, k] times [.., k, j], the stacks broadcast.</summary>
    public Value MatMul(Value a, Value b) => Op("MatMul", [a, b]);

    /// <summary>Y = alpha · A' B' + C (matrices; C broadcast, or none).</summary>
    public Value Gemm(Value a, Value b, bool transA = false, bool transB = false, float alpha = 1, Value? c = null) =>
        Op("Gemm", c is null ? [a, b] : [a, b, c], ("transA", transA), ("transB", transB), ("alpha", alpha));

    /// <summary>A' B' · alpha over stacks of matrices (com.microsoft, in stock and in training runtimes).</summary>
    public Value FusedMatMul(Value a, Value b, bool transA = false, bool transB = false, float alpha = 1) =>
        Op("com.microsoft::FusedMatMul", [a, b], ("transA", transA), ("transB", transB), ("alpha", alpha));

    /// <summary>Y[axis i] = X[axis perm[i]]: one entry for each axis of X.</summary>
    public Value Transpose(Value x, params long[] perm) => Op("Transpose", [x], ("perm", perm));

    /// <summary>Swaps the last two axes of a value of known rank.</summary>
    public Value TransposeMatrix(Value x)
    {
        long[] perm = Axes.Range(0, x.Shape!.Rank);
        (perm[^1], perm[^2]) = (perm[^2], perm[^1]);
        return Transpose(x, perm);
    }

    /// <summary>0 keeps a dimension, −1 infers one.</summary>
    public Value Reshape(Value x, params long[] shape) => Op("Reshape", [x, Ints(shape)]);

    /// <summary>The elements of X in a shape that is computed: int64 [rank], with 0 and −1 as ONNX has them.</summary>
    public Value Reshape(Value x, Value shape) => Op("Reshape", [x, shape]);

    /// <summary>
    /// Reshapes to a shape: by constants where at most one dimension is symbolic, else by the run-time shape of a value that has it.
    /// </summary>
    public Value ReshapeLike(Value x, Value like) =>
        like.Shape is { } shape && shape.Count(dim => !dim.IsKnown) <= 1 && shape.All(dim => !dim.IsKnown || dim.Factor != 0)
            ? Reshape(x, [.. shape.Select(dim => dim.IsKnown ? dim.Value : -1)])
            : Reshape(x, Shape(like));

    /// <summary>The shape of X, int64 [rank].</summary>
    public Value Shape(Value x) => Op("Shape", [x]);

    /// <summary>The number of X's elements, an int64 scalar.</summary>
    public Value Size(Value x) => Op("Size", [x]);

    /// <summary>The extent of an axis of X, an int64 scalar.</summary>
    internal Value Extent(Value x, long axis) => Gather(Shape(x), Constant(Tensor.Scalar(axis)));

    /// <summary>0 … count − 1, int64.</summary>
    /// <param name="count">An int64 scalar.</param>
    internal Value Range(Value count) => Op("Range", [Constant(Tensor.Scalar(0L)), count, Constant(Tensor.Scalar(1L))]);

    /// <summary>X in another element type; X itself where it has that type.</summary>
    public Value Cast(Value x, ElementType to) => x.Type == to ? x : Op("Cast", [x], ("to", to));

    /// <summary>X broadcast to a shape, int64 [rank].</summary>
    public Value Expand(Value x, Value shape) => Op("Expand", [x, shape]);

    /// <summary>The parts one behind the other along an axis; a single part itself.</summary>
    public Value Concat(int axis, params Value[] parts) => parts.Length == 1 ? parts[0] : Op("Concat", parts, ("axis", axis));

    /// <summary>The slices of X at the indices (int64, negative from the end) along an axis, which the indices' shape replaces.</summary>
    public Value Gather(Value x, Value indices, int axis = 0) => Op("Gather", [x, indices], ("axis", axis));

    /// <summary>x[starts:ends:steps] along the axes.</summary>
    public Value Slice(Value x, long[] axes, long[] starts, long[] ends, long[]? steps = null) =>
        Op("Slice", steps is null ? [x, Ints(starts), Ints(ends), Ints(axes)] : [x, Ints(starts), Ints(ends), Ints(axes), Ints(steps)]);

    /// <summary>Zero padding: all begins, then all ends.</summary>
    public Value Pad(Value x, long[] pads) => pads.All(pad => pad == 0) ? x : Op("Pad", [x, Ints(pads)]);

    /// <summary>X without the axes, each of extent 1.</summary>
    public Value Squeeze(Value x, params long[] axes) => Op("Squeeze", [x, Ints(axes)]);

    /// <summary>X with axes of extent 1 at these places of the result.</summary>
    public Value Unsqueeze(Value x, params long[] axes) => Op("Unsqueeze", [x, Ints(axes)]);

    /// <summary>X cut along an axis into parts of these lengths, which add up to its extent.</summary>
    public Value[] Split(Value x, int axis, params long[] lengths) => Ops("Split", [x, Ints(lengths)], lengths.Length, ("axis", axis));

    /// <summary>X taken apart along an axis of so many entries, which goes.</summary>
    internal Value[] Unstack(Value x, int axis, int count) =>
        [.. Split(x, axis, [.. Enumerable.Repeat(1L, count)]).Select(part => Squeeze(part, axis))];

    /// <summary>Σ X over the axes; with keepDims they stay with extent 1.</summary>
    public Value ReduceSum(Value x, long[] axes, bool keepDims) => Op("ReduceSum", [x, Ints(axes)], ("keepdims", keepDims));

    /// <summary>The mean of X over the axes; with keepDims they stay with extent 1.</summary>
    public Value ReduceMean(Value x, long[] axes, bool keepDims) => Reduce("ReduceMean", x, axes, keepDims);

    /// <summary>ReduceMean, ReduceMax, ReduceL2 and so on: the axes are an attribute before opset 18, an input from there.</summary>
    public Value Reduce(string op, Value x, long[] axes, bool keepDims) => Opset < 18
        ? Op(op, [x], ("axes", axes), ("keepdims", keepDims))
        : Op(op, [x, Ints(axes)], ("keepdims", keepDims));

    /// <summary>√X, element by element.</summary>
    public Value Sqrt(Value x) => Op("Sqrt", [x]);

    /// <summary>eˣ, element by element.</summary>
    public Value Exp(Value x) => Op("Exp", [x]);

    /// <summary>erf X = 2/√π ∫₀ˣ e^(−t²) dt, element by element.</summary>
    public Value Erf(Value x) => Op("Erf", [x]);

    /// <summary>1/(1 + e⁻ˣ), element by element.</summary>
    public Value Sigmoid(Value x) => Op("Sigmoid", [x]);

    /// <summary>1/X, element by element.</summary>
    public Value Reciprocal(Value x) => Op("Reciprocal", [x]);

    /// <summary>condition ? a : b.</summary>
    public Value Where(Value condition, Value a, Value b) => Op("Where", [condition, a, b]);

    /// <summary>The sum of at least one term, broadcast; a single term itself.</summary>
    public Value Sum(IReadOnlyList<Value> terms) => terms.Count switch { 1 => terms[0], 2 => terms[0] + terms[1], _ => Op("Sum", terms) };
}

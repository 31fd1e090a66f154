using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>Arithmetic channel by channel on X [N, C, …] of a known rank, in the nodes that are fastest on the target.</summary>
internal sealed class ChannelArithmetic(OpBuilder op, int rank, LoweringTarget target)
{
    /// <summary>The fewest positions of an image with which a depthwise Conv is faster than BatchNormalization's kernel.</summary>
    private const long WideImage = 256;

    /// <summary>Σ X over all axes but the channels → [C].</summary>
    public Value Sum(Value x) => op.ReduceSum(x, [0, .. Axes.Range(2, rank - 2)], keepDims: false);

    /// <summary>The mean of X over all axes but the channels → [C]: Σ X / n, and one node where that is one launch.</summary>
    /// <param name="x">X [N, C, …].</param>
    /// <param name="count">n, the elements of a channel.</param>
    public Value Mean(Value x, Value count) =>
        target.Device == ExecutionDevice.Cpu ? Sum(x) / count : op.ReduceMean(x, [0, .. Axes.Range(2, rank - 2)], keepDims: false);

    /// <summary>X − v, v [C].</summary>
    public Value Less(Value x, Value v)
    {
        if (HasWideImages(x)) return Depthwise(x, One(v), -v);
        return HasAffineKernel(x) ? Normalized(x, scale: One(v), shift: Zero(v), mean: v) : x - Spread(v);
    }

    /// <summary>X ⊙ scale + shift, both [C].</summary>
    public Value Affine(Value x, Value scale, Value? shift = null)
    {
        if (HasWideImages(x)) return Depthwise(x, scale, shift);
        if (HasAffineKernel(x)) return Normalized(x, scale, shift ?? Zero(scale), mean: Zero(scale));
        Value scaled = x * Spread(scale);
        return shift is null ? scaled : scaled + Spread(shift);
    }

    /// <summary>v [C] as [C, 1, …].</summary>
    private Value Spread(Value v) => rank == 2 ? v : op.Reshape(v, [-1, .. Enumerable.Repeat(1L, rank - 2)]);

    /// <summary>
    /// The CPU's BatchNormalization in inference takes a channel's numbers once an image; a broadcast looks them up row by row, which costs five
    /// times as much where images are small.
    /// </summary>
    private bool HasAffineKernel(Value x) =>
        target.Device == ExecutionDevice.Cpu && rank > 2 && x.Type is ElementType.Float or ElementType.Undefined;

    /// <summary>Conv with the weights [C, 1, 1…], each channel a group.</summary>
    private Value Depthwise(Value x, Value scale, Value? shift)
    {
        Value weight = op.Unsqueeze(scale, Axes.Range(1, rank - 1));
        return op.Op("Conv", shift is null ? [x, weight] : [x, weight, shift],
            ("group", x.Shape![1].Value), ("kernel_shape", Enumerable.Repeat(1L, rank - 2).ToArray()));
    }

    /// <summary>
    /// Whether X's images are so large that an affine map is fastest as a depthwise 1x1 Conv, which takes them in several threads and the numbers of a
    /// channel once an image: half the time of BatchNormalization on images of 112x112, but ten times as long on 2x2.
    /// </summary>
    private bool HasWideImages(Value x) => HasAffineKernel(x) && rank < 6 && x.Shape is { } shape && shape[1].IsKnown
        && shape.Skip(2).KnownExtents() is { } image && image.Product() >= WideImage;

    /// <summary>(X − mean) / √(1 + 0) ⊙ scale + shift.</summary>
    private Value Normalized(Value x, Value scale, Value shift, Value mean) =>
        op.Op("BatchNormalization", [x, scale, shift, mean, One(mean)], ("epsilon", 0f));

    private Value One(Value v) => Constant(v, 1);

    private Value Zero(Value v) => Constant(v, 0);

    private Value Constant(Value v, double value) => v.Shape is { IsStatic: true } shape
        ? op.Constant(Tensor.Filled(ElementType.Float, shape.Extents(), value))
        : op.Expand(op.ScalarLike(v, value), op.Shape(v));
}

using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.MaxPool;

/// <summary>
/// The formulations of a max pool's gradient: each output's gradient goes to the input that was the first maximum of its window.
/// </summary>
internal static class MaxPoolGradForms
{
    /// <summary>The one that has no use for the indices.</summary>
    public static IFormulation<MaxPoolGradient> Comparison { get; } = new AxisComparison();

    public static IReadOnlyList<IFormulation<MaxPoolGradient>> Formulations { get; } = [Comparison, new IndexScatter()];

    /// <summary>
    /// Without Indices, which cost more than all of this: a maximum over a window is one over its last axis, then over the one before, and so on.
    /// Back along one axis after the other, an output's gradient goes to the first position of the window where X = Y. So ties go to the first
    /// maximum in row-major order, as in MaxPool itself.
    /// </summary>
    private sealed class AxisComparison : IFormulation<MaxPoolGradient>
    {
        public string Name => "comparison";

        public bool Fits(MaxPoolGradient pool, LoweringTarget target) =>
            pool.X?.Shape is { Rank: > 2 } shape && shape.Skip(1).All(dim => dim.IsKnown) && !pool.Window.DropsWindow;

        public double Cost(MaxPoolGradient pool, LoweringTarget target) => pool.Outputs * 6.2 * pool.Kernel.Sum();

        public IReadOnlyList<Value> Emit(OpBuilder op, MaxPoolGradient pool, LoweringTarget target)
        {
            SlidingWindow window = pool.Window;
            var images = new BlockedImages(op, pool.X!.Shape!, pool.X.Type, target);
            var maxima = new Stack<AxisMaximum>();
            Value x = images.Of(pool.X, window.Input);
            for (int axis = window.Rank - 1; axis >= 0; axis--)
            {
                Value? known = axis == 0 ? images.Maxima(pool.X, window) ?? images.Of(pool.Y!, window.Output) : images.Maxima(x, window, axis);
                maxima.Push(new(op, images, x, window, axis, known));
                x = maxima.Peek().Y;
            }
            Value gradient = images.Of(pool.DY, window.Output);
            foreach (AxisMaximum maximum in maxima) gradient = maximum.Gradient(gradient);
            return [images.Restored(gradient, window.Input)];
        }
    }

    /// <summary>
    /// dX = zeros, plus dY at the mask's positions: Indices are flat over the whole of X, column-major in space with storage_order = 1.
    /// </summary>
    private sealed class IndexScatter : IFormulation<MaxPoolGradient>
    {
        public string Name => "scatter";

        public bool Fits(MaxPoolGradient pool, LoweringTarget target) =>
            pool.X is not null || (pool.DXShape is { } shape && shape.Skip(2).All(dim => dim.IsKnown));

        // Most of it is what MaxPool takes longer with Indices.
        public double Cost(MaxPoolGradient pool, LoweringTarget target) => pool.Outputs * 50;

        public IReadOnlyList<Value> Emit(OpBuilder op, MaxPoolGradient pool, LoweringTarget target)
        {
            Value dY = pool.DY;
            Value extents = pool.X is { } x
                ? op.Shape(x)
                : op.Concat(0, op.Op("Shape", [dY], ("end", 2)), op.Ints(pool.DXShape!.Skip(2).KnownExtents()!));
            Value zeros = op.Op("ConstantOfShape", [op.Reduce("ReduceProd", extents, [0], keepDims: true)],
                ("value", Tensor.Filled(dY.Type.FloatIfUndefined(), [1], 0)));
            Value flat = op.Op("ScatterElements", [zeros, op.Reshape(pool.Mask, -1), op.Reshape(dY, -1)], ("axis", 0), ("reduction", "add"));
            if (!pool.IsColumnMajor) return [op.Reshape(flat, extents)];

            int spatial = pool.Kernel.Length;
            long[] reversed = [0, 1, .. Axes.Range(2, spatial).Reverse()];
            return [op.Transpose(op.Reshape(flat, op.Gather(extents, op.Ints(reversed))), reversed)];
        }
    }
}

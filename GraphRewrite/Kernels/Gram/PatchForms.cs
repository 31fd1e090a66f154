using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Kernels.Gram;

/// <summary>
/// The ways to cut a Conv's input into patches, best first: X [N, C, …] → [N, g, n, O], channel by channel, the taps of the window in W's order;
/// O runs over the output positions.
/// </summary>
internal static class PatchForms
{
    public static IReadOnlyList<IFormulation<PatchProblem>> Formulations { get; } = [new TiledPatches(), new OneHotConvPatches(), new TapPatches()];

    /// <summary>Windows that tile the input: nothing is copied twice.</summary>
    private sealed class TiledPatches : IFormulation<PatchProblem>
    {
        public string Name => "tiles";

        public bool Fits(PatchProblem problem, LoweringTarget target) => problem.Window is { } window && Tiles.Fit(window);

        public IReadOnlyList<Value> Emit(OpBuilder op, PatchProblem problem, LoweringTarget target)
        {
            PatchGeometry patches = problem.Patches;
            return [op.Reshape(Tiles.Planes(op, problem.X, problem.Window!), 0, patches.Groups, patches.Features, -1)];
        }
    }

    /// <summary>
    /// Each channel is an image of its own; a Conv whose K filters are one-hot moves each tap of the window into a channel. Fits any shape.
    /// </summary>
    private sealed class OneHotConvPatches : IFormulation<PatchProblem>
    {
        /// <summary>The filters have K² numbers: 16 MB.</summary>
        private const long MostTaps = 2048;

        public string Name => "one-hot";

        public bool Fits(PatchProblem problem, LoweringTarget target) => problem.Patches.Taps <= MostTaps;

        public IReadOnlyList<Value> Emit(OpBuilder op, PatchProblem problem, LoweringTarget target)
        {
            (Value x, PatchGeometry patches) = problem;
            (string, object) padding = patches.AutoPad == AutoPad.NotSet ? ("pads", patches.Pads) : ("auto_pad", patches.AutoPad.Name());
            Value images = op.Reshape(x, [-1, 1, .. patches.Kernel.Select(_ => 0L)]); // [N·C, 1, …]: 0 keeps the spatial extents
            Value taps = op.Op("Conv", [images, OneHot(op, patches, x.Type)],         // [N·C, K, …]
                ("kernel_shape", patches.Kernel), ("strides", patches.Strides), ("dilations", patches.Dilations), padding);
            return [op.Reshape(op.Reshape(taps, 0, 0, 1, -1), -1, patches.Groups, patches.Features, 0)];
        }

        private static Value OneHot(OpBuilder op, PatchGeometry patches, ElementType type)
        {
            long[] dims = [patches.Taps, 1, .. patches.Kernel];
            var ones = new float[patches.Taps * patches.Taps];
            for (long tap = 0; tap < patches.Taps; tap++) ones[(tap * patches.Taps) + tap] = 1;
            return op.Constant(type == ElementType.Double ? Tensor.Of(dims, Array.ConvertAll(ones, one => (double)one)) : Tensor.Of(dims, ones));
        }
    }

    /// <summary>The padded input sliced once for each tap. Needs known spatial extents.</summary>
    private sealed class TapPatches : IFormulation<PatchProblem>
    {
        public string Name => "taps";

        public bool Fits(PatchProblem problem, LoweringTarget target) => problem.Window is { Taps: <= TapColumns.MostTaps };

        public IReadOnlyList<Value> Emit(OpBuilder op, PatchProblem problem, LoweringTarget target)
        {
            (PatchGeometry patches, SlidingWindow window) = (problem.Patches, problem.Window!);
            Value padded = op.Pad(problem.X, [0, 0, .. window.PadsBegin, 0, 0, .. window.PadsEnd]);
            Value[] taps = [.. window.Positions.Select(Tap)];
            return [op.Reshape(op.Concat(2, taps), -1, patches.Groups, patches.Features, 0)]; // [N, C, K, O] → [N, g, n, O]

            Value Tap(long[] position) => op.Reshape(window.Tap(op, padded, position), 0, 0, 1, -1); // [N, C, 1, O]
        }
    }
}

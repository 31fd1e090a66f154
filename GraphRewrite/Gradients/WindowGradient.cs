using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Col2Im and MaxUnpool: elements that are added or put at places, so that the gradient picks them from there.</summary>
internal static class WindowGradient
{
    /// <summary>
    /// Y = Col2Im(X [N, C·K, L]), each of the K positions of L windows added to its place in the image: dX = dY at those places, 0 in the padding.
    /// </summary>
    public static IReadOnlyList<Value?> OfCol2Im(OpBuilder op, Node n, Value dY)
    {
        if (n.In(1).Elements.KnownExtents() is not { } image || n.In(2).Elements.KnownExtents() is not { } block)
            throw n.Refuse("the shape of its image or block is computed", "Export with fixed image sizes");
        int rank = image.Length;
        long[] ones = [.. Enumerable.Repeat(1L, rank)], pads = n.Ints("pads") ?? new long[2 * rank];
        (long[] strides, long[] dilations) = (n.Ints("strides") ?? ones, n.Ints("dilations") ?? ones);
        // ONNX Runtime 1.31.1's kernel leaves them out there, and writes beside the image.
        if (rank != 2 && (pads.Any(pad => pad != 0) || strides.Concat(dilations).Any(step => step != 1)))
            throw n.Refuse($"strides, dilations and pads over {rank} axes have no gradient here", "Export it over two axes");
        long[] padded = [.. image.Select((extent, axis) => extent + pads[axis] + pads[rank + axis])];
        long[] windows = [.. padded.Select((extent, axis) => ((extent - ((block[axis] - 1) * dilations[axis]) - 1) / strides[axis]) + 1)];

        long[] places = [0];
        foreach ((long[] counts, long[] steps) in new[] { (block, dilations), (windows, strides) })
            for (int axis = 0; axis < rank; axis++) places = Spread(places, counts[axis], steps[axis] * Inner(padded, axis));
        Value plane = op.Reshape(op.Pad(dY, [0, 0, .. pads[..rank], 0, 0, .. pads[rank..]]), 0, 0, -1); // [N, C, padded]
        Value index = op.Constant(Tensor.Of([places.Length / windows.Product(), windows.Product()], places));
        return [op.ReshapeLike(op.Gather(plane, index, axis: 2), n.In(0))];
    }

    /// <summary>Y = zeros, with X at the places that I says in the flat tensor: dX = dY there.</summary>
    public static IReadOnlyList<Value?> OfMaxUnpool(OpBuilder op, Node n, Value dY) => [op.Gather(op.Reshape(dY, -1), n.In(1))];

    private static long[] Spread(long[] places, long count, long step) =>
        [.. places.SelectMany(place => Axes.Range(0, (int)count).Select(i => place + (i * step)))];

    private static long Inner(long[] extents, int axis) => extents[(axis + 1)..].Product();
}

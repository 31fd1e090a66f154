using System.Diagnostics.CodeAnalysis;

namespace GraphRewrite.IR.Shapes;

/// <summary>How rules read what opsets moved from attributes to inputs, and contents that are only partly known.</summary>
internal static class NodeReading
{
    /// <summary>
    /// Integers given as an attribute (older opsets) or an input (newer ones): null where the node has neither.
    /// False where an input gives them whose contents are not known.
    /// </summary>
    public static bool TryInts(this Node node, string attribute, int input, out long[]? integers)
    {
        integers = node.Ints(attribute);
        if (integers is not null || node.InOrNull(input) is not { } value) return true;
        return value.TryElements(out integers);
    }

    /// <summary>The contents, where all are known.</summary>
    public static bool TryElements(this Value value, [NotNullWhen(true)] out long[]? integers)
    {
        integers = value.Elements.KnownExtents();
        return integers is not null;
    }

    /// <summary>The contents of a vector; unknown elements where only its length is known; null where not even that is.</summary>
    public static IReadOnlyList<Dim>? Contents(this Value vector) =>
        vector.Elements ?? (vector.Shape is [{ IsKnown: true, Factor: >= 0 and <= Dim.MaxElements } length] ? Unknowns((int)length.Value) : null);

    public static IReadOnlyList<Dim> Unknowns(int count) => [.. Enumerable.Repeat(Dim.Unknown, count)];

    /// <summary>The single element of a scalar or one-element vector; unknown where it is not known or absent.</summary>
    public static Dim Single(this Value? value) => value?.Elements is [var element] ? element : Dim.Unknown;

    /// <summary>A shape of a rank that a rule may count on.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">It has fewer axes.</exception>
    public static Shape Ranked(this Node node, Shape shape, int least) =>
        shape.Rank >= least ? shape : throw node.Misfit($"an operand {shape} has fewer than {least} axes");

    /// <summary>A non-negative axis of a shape, as a node names it.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">The shape has no such axis.</exception>
    public static int Axis(this Node node, Shape shape, long axis) => node.Axis(axis, shape.Rank);

    /// <summary>A non-negative axis of a shape of so many axes, as a node names it.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">The shape has no such axis.</exception>
    public static int Axis(this Node node, long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw node.Misfit($"there is no axis {axis} among {rank}");

    /// <summary>Non-negative axes of a shape, as a node names them.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">The shape lacks one.</exception>
    public static int[] Axes(this Node node, Shape shape, long[] axes) => Array.ConvertAll(axes, axis => node.Axis(shape, axis));

    /// <summary>A list that a node gives, of the length that goes with its inputs.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">It is shorter.</exception>
    public static IReadOnlyList<T> Counted<T>(this Node node, IReadOnlyList<T> list, int least, string name) =>
        list.Count >= least ? list : throw node.Misfit($"it has {list.Count} {name}, not {least}");
}
